/**
 * Starts workerd with a config, and finds the port on which it listens.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { adopt, endGroup } from "../command.ts";
import { patient } from "../patience.ts";
import { requireTool } from "../tools.ts";

const START_MS = 20_000;

/** A running workerd. */
export interface WorkerdProcess {
  /** The process, which leads a process group of its own. */
  readonly child: ChildProcess;
  /** Resolves to its port; rejects if workerd ends, or does not listen in time. */
  readonly port: Promise<number>;
  /** Returns all its output. */
  output(): string;
  /** Ends it by force. */
  end(): void;
}

/** Starts workerd with a config. Starts the binary itself and no wrapper, so that signals reach it. */
export function startWorkerd(config: string, args: readonly string[] = []): WorkerdProcess {
  const child = adopt(spawn(requireTool("workerd"), ["serve", "--control-fd=3", ...args, config], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
  }));
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
  }
  const port = readPort(child);
  port.catch(() => {});
  return { child, port, output: () => text, end: () => endGroup(child) };
}

/** Reads the port of workerd, which it writes to a pipe of its own. */
function readPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = "";
    const fail = (why: string) => reject(new Error(`Cannot start workerd: ${why}`));
    const limit = setTimeout(() => fail("it does not listen in time"), patient(START_MS));
    child.on("error", (error) => fail(error.message));
    child.on("exit", (code) => {
      clearTimeout(limit);
      fail(`it ended with ${code}`);
    });
    (child.stdio[3] as Readable).setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const [, port] = /"event":"listen".*"port":(\d+)/.exec(text) ?? [];
      if (port === undefined) return;
      clearTimeout(limit);
      resolve(Number(port));
    });
  });
}
