/**
 * A program of `bench/programs/` in a process of its own, with the time of each line that it prints.
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { adopt, endGroup } from "../scripts/_command.ts";
import { root } from "../scripts/_tools.ts";
import { benchFolder } from "./_peers.ts";
import type { Runtime } from "./_runtimes.ts";

/** A line that a program printed, and when it arrived here. */
export interface Line {
  readonly text: string;
  readonly at: number;
}

/** A program that runs. All times are `performance.now()` of this process. */
export interface Program {
  readonly pid: number;
  /** Resolves to the first line with these words at its beginning; rejects where the program ends without it. */
  waitForLine(words: string): Promise<Line>;
  /** Sends SIGTERM, and returns the time just before. */
  terminate(): number;
  /** Resolves to the time when the program had ended; rejects where it never did by itself. */
  waitForEnd(): Promise<number>;
  /** Ends it at once, with all that it started. */
  kill(): void;
}

// What a runtime does on its own once a program is up (tiers of compilation, garbage) is over by then.
const restMs = 150;

// Longer than anything that is measured, on a machine that is busy.
const limitMs = 30_000;

/** Starts a program, and waits until it says "ready" and has come to rest. */
export async function startProgram(runtime: Runtime, name: string, ...args: string[]): Promise<Program> {
  const program = spawnProgram(runtime, name, args);
  await program.waitForLine("ready");
  await sleep(restMs);
  return program;
}

function spawnProgram(runtime: Runtime, name: string, args: readonly string[]): Program {
  const [file, ...before] = runtime.command;
  const child = adopt(
    spawn(file, [...before, `${benchFolder}programs/${name}.ts`, ...args], {
      cwd: root,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    }),
  );
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  let said = "";
  let rest = "";
  let endedAt: number | undefined;
  child.stderr.setEncoding("utf8").on("data", (text: string) => said += text);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const at = performance.now();
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.map((text) => ({ text, at })));
    waiting.forEach((look) => look());
  });
  const limit = setTimeout(() => endGroup(child), limitMs);
  child.on("exit", () => {
    endedAt = performance.now();
    clearTimeout(limit);
    // Its last lines may still be in the pipe.
    child.stdout.on("close", () => waiting.forEach((look) => look()));
  });
  const what = `${name} on ${runtime.name}`;
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", () => resolve());
  });
  return {
    pid: child.pid ?? 0,
    waitForLine: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = lines.find(({ text }) => text.startsWith(words));
          if (line !== undefined) resolve(line);
          else if (endedAt !== undefined) {
            reject(new Error(`Cannot measure ${what}: it ended without "${words}"; ${said}`));
          } else return;
          waiting.delete(look);
        };
        waiting.add(look);
        child.on("error", reject);
        look();
      }),
    terminate() {
      const at = performance.now();
      process.kill(child.pid ?? 0, "SIGTERM");
      return at;
    },
    async waitForEnd() {
      await ended;
      if (child.signalCode !== "SIGKILL") return endedAt ?? NaN;
      throw new Error(`Cannot measure ${what}: it did not end; ${said}`);
    },
    kill: () => endGroup(child),
  };
}
