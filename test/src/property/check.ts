/**
 * Runs the property without a test runner, so that any runtime can: seeded, with readable counter-examples.
 * @module
 */
import fc from "fast-check";
import { type Plan, planText } from "./plan.ts";
import { plans } from "./plans.ts";
import { watchUnhandled } from "./unhandled.ts";
import { Broken } from "./record.ts";
import { World } from "./world.ts";

/** What one plan came to: an empty text where every promise was kept. */
async function playPlan(plan: Plan): Promise<string> {
  const world = new World(plan);
  const unhandled = watchUnhandled();
  try {
    await world.play();
    await unhandled.turn();
    for (const error of unhandled.seen) world.fail(`unhandled rejection: ${error}`);
  } catch (error) {
    world.fail(`the run itself failed: ${error instanceof Error ? error.stack : error}`);
  } finally {
    unhandled.stop();
  }
  return world.broken === undefined ? "" : world.report();
}

/**
 * Plays `runs` random plans.
 * @throws {Broken} with the smallest program found that breaks a promise, and its trace.
 */
export async function checkBus(seed: number, runs: number): Promise<void> {
  const property = fc.asyncProperty(plans, async (plan) => {
    const text = await playPlan(plan);
    if (text !== "") throw new Broken(text);
  });
  const result = await fc.check(property, { seed, numRuns: runs });
  if (!result.failed) return;
  const [plan] = result.counterexample ?? [];
  throw new Broken([
    `Seed ${result.seed}, run ${result.numRuns}, shrunk ${result.numShrinks} times: FC_SEED=${result.seed} FC_RUNS=${result.numRuns}`,
    plan ? planText(plan) : "",
    plan ? await playPlan(plan) : String(result.errorInstance),
    JSON.stringify(plan),
  ].join("\n\n"));
}

/** A whole number from the environment, where there is one that may be read. */
export function setting(name: string, otherwise: number): number {
  try {
    const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
    const value = Number.parseInt(process?.env?.[name] ?? "", 10);
    return Number.isNaN(value) ? otherwise : value;
  } catch {
    return otherwise;
  }
}
