import { createServer, type Server } from "node:http";
import process from "node:process";
import { print } from "./_print.ts";

const [manner, grace] = process.argv.slice(2);

/** The deadline that every program of this kind sets for its stop, in milliseconds. */
export const graceMs: number = Number(grace ?? 1000);

/**
 * What is done at SIGTERM, in every program the same: it says so, with the milliseconds since the signal as the
 * program saw it, and then does what the command line says.
 */
export function stop(signalledAt: number = performance.now()): Promise<void> {
  const ms = performance.now() - signalledAt;
  print(`stopping ${ms}`);
  if (manner === "prompt") return Promise.resolve();
  if (manner === "throws") return Promise.reject(new Error("on purpose"));
  if (manner === "hung-with-timer") setInterval(() => {}, 1000);
  return new Promise(() => {});
}

/** Keeps the programs alive that do not do so by themselves. */
export function stayAlive(): void {
  setInterval(() => {}, 2 ** 30);
  print("ready");
}

/** A server that listens, for the peers that stop one. */
export function listeningServer(): Server {
  const server = createServer((_, response) => response.end());
  return server.listen(0, "127.0.0.1", () => print("ready"));
}
