/**
 * The site's table of units against random lives: what it says is what there is, whatever is born, dies, is rolled, scaled or
 * killed at the same moment.
 */
import { expect, test } from "vitest";
import { play } from "./_crew.ts";

const BIRTHS = 10_000;

/** A generator of numbers from 0 to 1 that a failed run can be repeated with. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    // https://en.wikipedia.org/wiki/Xorshift
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

test(`the table is right after ${BIRTHS} random births and deaths`, async () => {
  const seed = Number(process.env["UNITS_SEED"] ?? Math.trunc(Math.random() * 2 ** 30) + 1);
  const random = randomFrom(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const said = `UNITS_SEED=${seed}`;
  const { start, crew, carrier, clock, table, starts, stops } = play({
    maxRestarts: 1e9,
    readyWithin: 100,
    drainWithin: 20,
    stopWithin: 30,
  });
  await start(4);
  const asked: Promise<unknown>[] = [];
  const acts: readonly (() => void)[] = [
    () => carrier.living[upTo(carrier.living.length)]?.end({ code: upTo(2) }),
    () => carrier.living[upTo(carrier.living.length)]?.end({ signal: "SIGKILL" }),
    () => carrier.living[upTo(carrier.living.length)]?.say({ sitebus: "full" }),
    () => carrier.living[upTo(carrier.living.length)]?.say({ sitebus: "worn" }),
    () => asked.push(crew.roll()),
    () => asked.push(crew.scale(1 + upTo(7))),
    () => {
      const member = crew.members[upTo(crew.members.length)];
      if (member) crew.killStuck(member, 100);
    },
    () => carrier.behave({ readyMs: upTo(20), exitMs: upTo(20) }),
    () => carrier.behave({ readyMs: upTo(20), exitMs: undefined }),
    () => carrier.behave({ readyMs: undefined }),
    () => carrier.behave({ readyMs: upTo(20), fails: { ms: upTo(30), end: { code: 1 } } }),
    () => carrier.behave(),
    () => carrier.behave(),
  ];
  for (let step = 0; carrier.units.length < BIRTHS && step < 200_000; step++) {
    acts[upTo(acts.length - 1)]?.();
    await clock.advance(upTo(15));
    const listed = table.list().map(({ pid }) => pid);
    expect(listed, said).toEqual(carrier.living.map(({ pid }) => pid));
  }
  expect(carrier.units.length, said).toBeGreaterThanOrEqual(BIRTHS);
  carrier.behave();
  await clock.advance(60_000);
  await Promise.allSettled(asked);
  expect(crew.serving, said).toHaveLength(crew.size);
  expect(table.list().map(({ name }) => name).sort(), said).toEqual(
    crew.serving.map(({ unit }) => unit.name).sort(),
  );
  crew.close(50);
  await clock.advance(1000);
  crew.killAll();
  await clock.advance(10);
  expect(table.list(), said).toEqual([]);
  expect(carrier.living, said).toEqual([]);
  // Each unit that was ready was told once, and its end once, and no number came twice.
  const ids = starts.map(({ id }) => id);
  expect(new Set(ids).size, said).toBe(ids.length);
  expect(stops.map(([{ id }]) => id).sort((a, b) => a - b), said).toEqual(ids.sort((a, b) => a - b));
}, 120_000);
