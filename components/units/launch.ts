/**
 * The start of one unit: it is ready in time, or really gone.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Clock } from "../../src/platform.ts";
import type { Member } from "./member.ts";
import { pause } from "./waiting.ts";

/**
 * Waits until a unit is ready.
 * @throws {Error} Where it ends before, or is not ready in time; then it is gone.
 */
export async function launch(
  member: Member,
  { clock, readyWithin }: { readonly clock: Clock; readonly readyWithin: number },
): Promise<Member> {
  const { ready, name } = member.unit;
  let outcome: "ready" | "failed" | undefined;
  let failure: unknown;
  const settled = ready.then(() => {
    outcome = "ready";
  }, (error) => {
    outcome = "failed";
    failure = error;
  });
  await pause(clock, readyWithin, { until: settled });
  if (outcome === "ready") return member;
  member.kill();
  await member.gone;
  throw outcome === "failed"
    ? new Error(textOf(failure), { cause: member.error })
    : new Error(`The unit "${name}" was not ready within ${readyWithin} ms`);
}
