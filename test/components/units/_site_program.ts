/**
 * A site with a pool of `unit_worker.ts`, as a program of its own, and what is asked of it.
 * @module
 */
import { get } from "node:http";
import process from "node:process";
import type { PoolOptions } from "../../../components/units.ts";
import { type Program, start, type StartOptions } from "../../spawn.ts";

/** A machine that is busy starts a process in seconds. */
export const LONG_MS = 60_000;

/** Starts a site with a pool of `unit_worker.ts`. */
export function startSite(
  options: Partial<PoolOptions> & { readonly port?: number } = {},
  how: Pick<StartOptions, "env" | "launcher" | "timeoutMs"> = {},
): Program {
  return start("unit_site", { args: [JSON.stringify(options)], timeoutMs: LONG_MS, ...how });
}

/** Waits until it runs; returns the port that it listens on, and the processes of its units. */
export async function untilRuns(
  program: Program,
): Promise<{ readonly port: number; readonly pids: readonly number[] }> {
  const line = await program.waitForLine("runs {");
  const [, sockets = "{}", pids = ""] = /runs (\{.*\}) ([\d,]*)/.exec(line) ?? [];
  return { port: JSON.parse(sockets).web?.port, pids: pids.split(",").filter(Boolean).map(Number) };
}

/** How often a line was printed. */
export function times(program: Program, text: string): number {
  return program.lines.filter((line) => line.includes(text)).length;
}

/** Waits until a line was printed so often. */
export async function untilTimes(program: Program, text: string, count: number): Promise<void> {
  for (let look = 0; times(program, text) < count; look++) {
    if (look > 2000) {
      throw new Error(`"${text}" came ${times(program, text)} times:\n${program.lines.join("\n")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part).on("end", () => resolve(text));
    }).on("error", reject);
  });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  for (let look = 0; pids.some(isAlive); look++) {
    if (look > 500) throw new Error(`Still there: ${pids.filter(isAlive).join()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
