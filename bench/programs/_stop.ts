import process from "node:process";
import { print } from "./_print.ts";

/** The deadline that every program of this kind sets for its stop, in milliseconds. */
export const graceMs = 300;

/**
 * What is done at SIGTERM, in every program the same: it says so, with the milliseconds since the signal as the
 * program saw it, and then does what the command line says.
 */
export function stop(signalledAt: number): Promise<void> {
  const ms = performance.now() - signalledAt;
  print(`stopping ${ms}`);
  const [how] = process.argv.slice(2);
  if (how === "prompt") return Promise.resolve();
  if (how === "hung-with-timer") setInterval(() => {}, 1000);
  return new Promise(() => {});
}

/** Keeps the programs alive that do not do so by themselves. */
export function stayAlive(): void {
  setInterval(() => {}, 2 ** 30);
  print("ready");
}
