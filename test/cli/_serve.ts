/**
 * Runs `sitebus serve` in the runtime that runs the tests, and talks to it.
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type Program, start, type StartOptions } from "../spawn.ts";

/** Starts the command `sitebus`. */
export function sitebus(args: readonly string[], options: Omit<StartOptions, "args"> = {}): Program {
  return start("../../cli/main", { ...options, args });
}

/** What the lines of the start block contain, in their order. */
export const START_BLOCK: readonly string[] = ["sitebus 0.", " at ", "Ctrl-C stops it"];

/** The lines without the start block, and without how long something took. */
export function untimed(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith("sitebus:   ")).map((line) =>
    line.replace(/ in \d+ ms.*/, "")
  );
}

/** A server that listens. */
export interface Serving extends Program {
  readonly url: string;
}

/** Starts `sitebus serve`, on a free port unless there is a `--unix`, and waits until it is ready. */
export async function serving(module: string, ...args: string[]): Promise<Serving> {
  const place = args.includes("--unix") ? [] : ["--port", "0"];
  const program = sitebus(["serve", module, ...place, ...args]);
  const line = await program.waitForLine("http is up").catch(async (cause: unknown) => {
    const { code, signal, ms } = await program.exited;
    throw new Error(`It ended with ${signal ?? code} after ${Math.round(ms)} ms: ${cause}`, { cause });
  });
  await program.waitForLine(START_BLOCK.at(-1) ?? "");
  const [url = ""] = /(https?|unix):\S+$/.exec(line) ?? [];
  return { ...program, url };
}

/** Writes an application module, and takes it away after the test. */
export function moduleOf(source: string, name = "app.mjs"): string {
  return join(folderOf({ [name]: source }), name);
}

/** Writes files into a folder of their own, and takes it away after the test. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-serve-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return folder;
}

/** A client that never closes its connection by itself, so that only the server can. */
export interface Client {
  /** Asks for a path; many may be asked one after another. */
  get(path: string): void;
  /** Resolves when all it received contains `text`; rejects where the connection ends without. */
  received(text: string): Promise<string>;
  /** Goes away. */
  close(): void;
  /** Resolves to all it received, when the connection has ended. */
  readonly closed: Promise<string>;
}

/** Connects, and says nothing yet. */
export async function connect(url: string): Promise<Client> {
  const { hostname, port } = new URL(url);
  const socket = connectSocket({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  let text = "";
  const waiting = new Set<() => void>();
  let ended = false;
  const look = () => waiting.forEach((one) => one());
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    look();
  });
  const closed = new Promise<string>((resolve) => {
    socket.on("error", () => {});
    socket.on("close", () => {
      ended = true;
      look();
      resolve(text);
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return {
    closed,
    close: () => void socket.destroy(),
    get: (path) => void socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`),
    received: (wanted) =>
      new Promise((resolve, reject) => {
        const one = () => {
          if (text.includes(wanted)) resolve(text);
          else if (ended) {
            reject(new Error(`The connection ended without "${wanted}": ${JSON.stringify(text)}`));
          } else return;
          waiting.delete(one);
        };
        waiting.add(one);
        one();
      }),
  };
}
