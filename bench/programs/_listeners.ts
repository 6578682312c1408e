// What all buses call. Ten different functions, as in a program, so that none is compiled into its caller.
let heard = 0;

const makers: readonly (() => (n: number) => void)[] = [
  () => (n) => void (heard += n & 0 | 1),
  () => (n) => void (heard += n * 0 + 1),
  () => (n) => void (heard += n >= 0 ? 1 : 2),
  () => (n) => void (heard += n < 0 ? 2 : 1),
  () => (n) => void (heard += 1 + (n & 0)),
  () => (n) => void (heard += 1 - (n & 0)),
  () => (n) => void (heard += n === -1 ? 2 : 1),
  () => (n) => void (heard += n !== -1 ? 1 : 2),
  () => (n) => void (heard += 1 | n & 0),
  () => (n) => void (heard += (n | 0) < 0 ? 2 : 1),
];

/** Listeners that count. */
export function countingListeners(count: number): ((n: number) => void)[] {
  return Array.from(
    { length: count },
    (_, index) => makers[index % makers.length]!(),
  );
}

/** Listeners that wait for a turn of the promises, and then count. */
export function waitingListeners(
  count: number,
): ((n: number) => Promise<void>)[] {
  return countingListeners(count).map((listener) => async (n) => {
    await null;
    listener(n);
  });
}

/**
 * Lets a bus publish a few times.
 * @throws {Error} where not every listener has heard of each.
 */
export async function checkHeard(
  count: number,
  publish: (n: number) => unknown,
): Promise<void> {
  const before = heard;
  for (let n = 0; n < 3; n++) await publish(n);
  if (heard - before !== 3 * count) {
    throw new Error(`${heard - before} calls, expected ${3 * count}`);
  }
}
