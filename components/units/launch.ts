/**
 * The start of one unit: it is ready in time, or really gone; and what is said where it fails in a roll.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Clock } from "../../src/platform.ts";
import type { Member } from "./member.ts";
import { pause } from "./waiting.ts";

/**
 * Waits until a unit is ready.
 * @throws {Error} Where it ends before, with its `exitCode`, or is not ready in time; then it is gone.
 */
export async function launch(
  member: Member,
  { clock, readyWithin }: { readonly clock: Clock; readonly readyWithin: number },
): Promise<Member> {
  const { ready, name } = member.unit;
  let outcome: "ready" | "late" | { readonly error: unknown } = "late";
  const settled = ready.then(() => {
    outcome = "ready";
  }, (error) => {
    outcome = { error };
  });
  await pause(clock, readyWithin, { until: settled });
  const found = outcome as "ready" | "late" | { readonly error: unknown };
  if (found === "ready") return member;
  member.kill();
  await member.gone;
  if (found === "late") throw new Error(`The unit "${name}" was not ready within ${readyWithin} ms`);
  const { error: cause, code } = member;
  throw Object.assign(new Error(textOf(found.error), { cause }), code !== undefined && { exitCode: code });
}

/** Makes the error of a failed roll: its own stack leads into these files, and only its cause is of use. */
export function rollFailure(
  { name, overlap = true }: { readonly name: string; readonly overlap?: boolean },
  error: unknown,
): { readonly message: string; readonly found: { readonly error?: unknown } } {
  const { cause } = Object(error) as Error;
  const stay = overlap ? ", the old units stay" : "";
  const message = `The roll of pool "${name}" failed${stay}: ${textOf(error)}`;
  return { message, found: cause === undefined ? {} : { error: cause } };
}
