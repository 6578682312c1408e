import { median } from "../_median.ts";
import { print } from "./_print.ts";

// Long enough for the last tier of each compiler, and for batches that a clock of microseconds can tell apart.
const warmMs = 40;
const batchMs = 4;
const batches = 15;

/** Nanoseconds that one call takes: the median of batches, once the code is hot. */
export function nsPerCall(call: (n: number) => unknown): number {
  const run = (times: number) => {
    const began = performance.now();
    for (let n = 0; n < times; n++) call(n);
    return performance.now() - began;
  };
  let times = 1;
  for (
    const warmUntil = performance.now() + warmMs;
    performance.now() < warmUntil;
  ) times = next(times, run(times));
  return median(Array.from({ length: batches }, () => run(times) / times)) *
    1e6;
}

/** The same of calls that are awaited one after another. */
export async function nsPerAwaitedCall(
  call: (n: number) => unknown,
): Promise<number> {
  const run = async (times: number) => {
    const began = performance.now();
    for (let n = 0; n < times; n++) await call(n);
    return performance.now() - began;
  };
  let times = 1;
  for (
    const warmUntil = performance.now() + warmMs;
    performance.now() < warmUntil;
  ) {
    times = next(times, await run(times));
  }
  const found: number[] = [];
  while (found.length < batches) found.push(await run(times) / times);
  return median(found) * 1e6;
}

/** Tells the bench what was measured. */
export function printMeasured(numbers: Readonly<Record<string, number>>): void {
  print(`measured ${JSON.stringify(numbers)}`);
}

/** How many calls make a batch, after so many took so long. */
function next(times: number, ms: number): number {
  return ms < batchMs / 2 ? times * 2 : Math.max(1, Math.round(times * batchMs / ms));
}
