/**
 * Measures how slow the machine is at this moment: a busy or an old machine needs more time for the same tests. Run as a
 * program, the script prints the factor, which `.ci/run` puts into SITEBUS_SLOWNESS.
 * @module
 */
import process from "node:process";
import { command } from "../command.ts";
import { slowness } from "../patience.ts";
import { requireTool } from "../tools.ts";

/** The number of processes that are measured: `npm test` keeps two runners with two workers each busy. */
const PROCESSES = 4;

/** The program of each process. */
const LOOP =
  "let n = 0; for (let i = 0; i < 4e7; i++) n = (n * 31 + i) | 0; process.exitCode = n === 1 ? 1 : 0";

/** The time of this work on two free cores of the machine that the limits were written for, in milliseconds. */
const REFERENCE_MS = 550;

/** The largest factor. Without it, the limits for a run that hangs could become very long. */
const MOST = 10;

/** Resolves to the factor by which work takes longer than on the reference machine: from 1 to 10. */
export async function measureSlowness(): Promise<number> {
  const node = requireTool("node26");
  const timeoutMs = MOST * REFERENCE_MS;
  const began = performance.now();
  const ended = await Promise.all(
    Array.from({ length: PROCESSES }, () => command(node, ["-e", LOOP], { timeoutMs })),
  );
  const late = ended.some(({ crash }) => crash !== undefined);
  const factor = (performance.now() - began) / REFERENCE_MS;
  return late ? MOST : Math.min(Math.max(Math.round(factor * 100) / 100, 1), MOST);
}

// A factor that is set in the environment is not measured.
const isGiven = process.env["SITEBUS_SLOWNESS"] !== undefined;

/** Measures the factor and scales all limits by it. The limits never get shorter again. Resolves to the factor in force. */
export async function scaleLimits(): Promise<number> {
  if (isGiven) return slowness();
  const factor = Math.max(slowness(), await measureSlowness());
  process.env["SITEBUS_SLOWNESS"] = String(factor);
  return factor;
}

if (import.meta.main) console.log(await scaleLimits());
