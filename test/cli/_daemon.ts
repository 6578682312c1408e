/**
 * Daemons that tests start: found by what the command says, looked at, and ended with the test.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { onTestFinished } from "vitest";
import { patient } from "../../scripts/patience.ts";
import type { Program } from "../spawn.ts";

/** Waits until the command has returned with 0; returns the process of the daemon, which ends with the test. */
export async function daemonOf(program: Program): Promise<number> {
  const line = await program.waitForLine(" is ready, process ");
  const pid = Number(/process (\d+)$/.exec(line)?.[1]);
  onTestFinished(async () => {
    if (!lives(pid)) return;
    process.kill(pid, "SIGTERM");
    await until(() => !lives(pid)).catch(() => process.kill(pid, "SIGKILL"));
  });
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`It ended with ${code}:\n${program.lines.join("\n")}`);
  return pid;
}

/** Whether a process lives: one that has ended and that nobody has waited for does not. */
export function lives(pid: number): boolean {
  return !["gone", "Z", "X"].includes(statOf(pid)[0] ?? "");
}

/** The fields of a process from its state on: state, parent, group, session, … */
export function statOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  } catch {
    return ["gone"];
  }
}

/** Waits until something is so; rejects where that takes long. */
export async function until(isSo: () => boolean, why = String(isSo), ms = 8000): Promise<void> {
  const end = performance.now() + patient(ms);
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`It did not come to ${why}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What is in a file; "" where it is not there. */
export function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** How often a text is in another. */
export function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}
