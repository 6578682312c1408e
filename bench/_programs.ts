/**
 * Runs a program of `bench/programs/` in a process of its own, and notes the time of each line that it prints.
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { adopt, endGroup } from "../scripts/command.ts";
import { root } from "../scripts/tools.ts";
import { benchFolder } from "./_peers.ts";
import type { Runtime } from "./_runtimes.ts";

/** A line that a program printed, on either output, and the time of its arrival in this process. */
export interface Line {
  readonly text: string;
  readonly at: number;
}

/** How a program ended. */
export interface End {
  readonly at: number;
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running program. All times are `performance.now()` of this process. */
export interface Program {
  readonly pid: number;
  /** Resolves to the first line that begins with these words; rejects if the program ends without it. */
  waitForLine(words: string): Promise<Line>;
  /** Sends SIGTERM, and returns the time just before. */
  terminate(): number;
  /** Resolves when the program has ended; rejects if it did not end by itself in time. */
  waitForEnd(): Promise<End>;
  /** Ends the program at once, with everything that it started. */
  kill(): void;
}

/** The program to run. */
export interface What {
  readonly runtime: Runtime;
  /** The name of the program in `bench/programs/`. */
  readonly program: string;
  readonly args: readonly string[];
}

/** A program failed, and cannot be measured. */
export class CannotMeasure extends Error {
  override readonly name = "CannotMeasure";
}

// By then a runtime has done its own work after the start of a program, such as compilation and garbage collection.
const restMs = 100;

// Longer than every measured time, on a busy machine too.
const limitMs = 30_000;

/** Starts a program, and waits until it prints "ready" and its runtime is idle. */
export async function startProgram(
  what: What,
): Promise<Program & { readonly ready: string }> {
  const program = spawnProgram(what);
  const { text } = await program.waitForLine("ready");
  await sleep(restMs);
  return { ...program, ready: text };
}

/** Runs a program that measures itself to its end. The program prints "measured" and an object of numbers. */
export async function readNumbers(
  what: What,
): Promise<Readonly<Record<string, number>>> {
  const program = spawnProgram(what);
  const { text } = await program.waitForLine("measured ");
  await program.waitForEnd();
  return JSON.parse(text.slice("measured ".length)) as Record<string, number>;
}

/** Starts a program; a path that begins with a dot is one from the top of the repository. After `most` ms it is ended. */
export function spawnProgram(
  { runtime, program, args }: What,
  most: number = limitMs,
): Program {
  const [file, ...before] = runtime.command;
  const path = program.startsWith("./") ? program : `${benchFolder}programs/${program}.ts`;
  const child = adopt(
    spawn(file, [...before, path, ...args], {
      cwd: root,
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        NO_COLOR: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    }),
  );
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  let end: End | undefined;
  let closed = false;
  for (const output of [child.stdout, child.stderr]) {
    let rest = "";
    output.setEncoding("utf8").on("data", (text: string) => {
      const at = performance.now();
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts.map((text) => ({ text, at })));
      waiting.forEach((look) => look());
    });
  }
  const limit = setTimeout(() => endGroup(child), most);
  const cannot = (why: string) => {
    const said = lines.map(({ text }) => text.trim()).find((text) => /error|cannot/i.test(text));
    return new CannotMeasure(
      `Cannot measure ${[program, ...args].join(" ")} on ${runtime.name}: ${why}; ${said ?? ""}`,
    );
  };
  const ended = new Promise<End>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      end = { at: performance.now(), code, signal };
      clearTimeout(limit);
      resolve(end);
    });
  });
  // When the program has ended, its last lines may still be in the pipe.
  child.on("close", () => {
    closed = true;
    waiting.forEach((look) => look());
  });
  return {
    pid: child.pid ?? 0,
    waitForLine: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = lines.find(({ text }) => text.startsWith(words));
          if (line !== undefined) resolve(line);
          else if (closed) reject(cannot(`it ended without "${words}"`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        child.on("error", reject);
        look();
      }),
    terminate() {
      const at = performance.now();
      if (end === undefined) process.kill(child.pid ?? 0, "SIGTERM");
      return at;
    },
    async waitForEnd() {
      const end = await ended;
      if (end.signal !== "SIGKILL") return end;
      throw cannot("it did not end");
    },
    kill: () => endGroup(child),
  };
}
