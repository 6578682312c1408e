/**
 * Measures how slow the machine is at this moment: one that also does other things, or an old one, needs more time for
 * the same tests. By itself it prints the factor, which `.ci/run` puts into SITEBUS_SLOWNESS.
 * @module
 */
import process from "node:process";
import { command } from "../command.ts";
import { slowness } from "../patience.ts";
import { requireTool } from "../tools.ts";

/** `npm test` keeps two runners with two workers each busy. */
const PROCESSES = 4;

/** What each of the processes does, besides starting. */
const LOOP =
  "let n = 0; for (let i = 0; i < 4e7; i++) n = (n * 31 + i) | 0; process.exitCode = n === 1 ? 1 : 0";

/** Milliseconds that this work takes on two free cores of the machine that the time limits were written for. */
const REFERENCE_MS = 550;

/** Limits that grew without bound would never end a run that hangs. */
const MOST = 10;

/** Resolves to how many times longer than on the reference machine a piece of work takes: from 1 to 10. */
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

// A factor that somebody has set is not measured.
const isGiven = process.env["SITEBUS_SLOWNESS"] !== undefined;

/** Measures, and has all limits scale by the result; they never get shorter again. Resolves to the factor in force. */
export async function scaleLimits(): Promise<number> {
  if (isGiven) return slowness();
  const factor = Math.max(slowness(), await measureSlowness());
  process.env["SITEBUS_SLOWNESS"] = String(factor);
  return factor;
}

if (import.meta.main) console.log(await scaleLimits());
