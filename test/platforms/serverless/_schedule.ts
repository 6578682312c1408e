/**
 * One schedule of invocations on a host whose invocations may die, played on a virtual clock, and what must hold.
 * @module
 */
import fc from "fast-check";
import type { Traits } from "../../../src/platform.ts";
import { isNotReady } from "../../../platforms/serverless.ts";
import { makeHost } from "./_host.ts";
import type { Request } from "./_requests.ts";

/** One invocation. */
export interface Arrival {
  /** Milliseconds after the invocation before. */
  readonly after: number;
  /** Milliseconds until its context is gone; undefined if it lives. */
  readonly dies?: number | undefined;
  /** Milliseconds that its body works. */
  readonly works: number;
}

/** One start: how long it takes, and whether it fails. */
export interface StartPlan {
  readonly ms: number;
  readonly fails: boolean;
}

/** All that happens. */
export interface Schedule {
  readonly arrivals: readonly Arrival[];
  /** The starts in their order; any further start takes no time and does not fail. */
  readonly starts: readonly StartPlan[];
}

const START_WITHIN = 1_000;

const workerd: Partial<Traits> = { ioOutsideRequests: false, background: "waitUntil" };

/** Any schedule: invocations at once and apart, slow and failing starts, contexts that go at any time. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  arrivals: fc.array(
    fc.record({
      after: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(1_500)),
      dies: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(600) }),
      works: fc.oneof(fc.constant(0), fc.nat(300)),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  starts: fc.array(
    fc.record({ ms: fc.oneof(fc.constant(0), fc.nat(400), fc.nat(800)), fails: fc.boolean() }),
    { maxLength: 4 },
  ),
});

/** How one attempt to start went. */
interface Attempt {
  readonly owner: Request | undefined;
  outcome: "started" | "failed" | "late" | undefined;
}

/** Plays a schedule; returns what did not hold, in words, or nothing. */
export async function playSchedule({ arrivals, starts }: Schedule): Promise<readonly string[]> {
  const { bus, host, requests, settle, time, logged } = makeHost({
    startWithin: START_WITHIN,
    traits: workerd,
    // As on Workers. Besides, a storage for each schedule would be too many for Node 22.
    context: false,
  });
  const broken: string[] = [];
  const attempts: Attempt[] = [];
  let lost = 0;
  bus.use({
    name: "db",
    start: async ({ left }) => {
      const { ms, fails } = starts[attempts.length] ?? { ms: 0, fails: false };
      const before = attempts.at(-1);
      if (before?.outcome === "started") broken.push("a start after one that has started");
      if (before && before.outcome === undefined) {
        lost++;
        // It may have been slower than its deadline, which has then ended it.
        if (!before.owner?.dead && (starts[attempts.length - 1]?.ms ?? 0) < START_WITHIN / 2) {
          broken.push("a start beside one whose invocation lives");
        }
      }
      const attempt: Attempt = { owner: requests.current(), outcome: undefined };
      attempts.push(attempt);
      await requests.sleep(ms);
      // Slower than its deadline: the bus has gone on without it, and stops what it returns.
      attempt.outcome = left() === 0 ? "late" : fails ? "failed" : "started";
      if (fails) throw new Error("no database");
    },
  });
  const settled: Promise<unknown>[] = [];
  let ran = 0;
  for (const { after, dies, works } of arrivals) {
    await time.clock.advance(after);
    const answer = requests.begin((request) => {
      if (dies !== undefined) time.clock.setTimer(dies, () => void (request.dead = true));
      const begun = time.clock.now();
      const answered = Promise.resolve(host.run({ waitUntil: () => {} }, async () => {
        ran++;
        if (!attempts.some(({ outcome }) => outcome === "started")) broken.push("a body before the start");
        await requests.sleep(works);
        return begun;
      }));
      return answered.then(() => {}, (error) => {
        if (!isNotReady(error)) broken.push(`refused by ${error}`);
        const ms = time.clock.now() - begun;
        if (ms > START_WITHIN && !request.dead) broken.push(`refused after ${ms} ms`);
      });
    });
    if (dies === undefined) settled.push(answer);
  }
  await settle(Promise.all(settled)).catch((error) => broken.push(`an invocation hangs: ${error}`));
  // Whatever has happened, the bus serves some invocations later.
  let served = false;
  for (let tries = 0; !served && tries < 12; tries++) {
    const answer = requests.begin(() => Promise.resolve(host.run({}, () => true)));
    served = await settle(answer.catch(() => false));
    if (!served) await time.clock.advance(START_WITHIN);
  }
  if (!served) broken.push(`it does not come to run: it is in "${bus.state}"`);
  const started = attempts.filter(({ outcome }) => outcome === "started").length;
  if (started !== 1) broken.push(`${started} starts have started`);
  if (logged({ event: "takeover" }) !== host.takeOvers) broken.push("a take-over that was not logged");
  if (lost > host.takeOvers + logged({ kind: "timeout" })) broken.push("a start lost without a take-over");
  if (ran === 0 && arrivals.every(({ dies }) => dies === undefined) && starts.length === 0) {
    broken.push("no body ran");
  }
  return broken;
}
