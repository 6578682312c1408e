/**
 * Waits for a value that anybody may have made. Such a value is looked at once: its `then` is read once and
 * called once, and only its first answer counts. Nothing here throws, whatever the value does.
 * @module
 */

/** Called once with the outcome of a value. */
export type Settled = (failed: boolean, value: unknown) => void;

type Then = (done: (value: unknown) => void, failed: (error: unknown) => void) => unknown;

/** How often a value may resolve to one more value that has to be waited for. */
const MOST_STEPS = 100;

const nativeThen: unknown = Promise.prototype.then;

/** Whether a value can be awaited. One whose `then` cannot be read cannot. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return thenOf(value) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Waits for `value` where it can be awaited, and tells `settled` how it has settled, which may be at once.
 * Returns false, and tells nothing, where it cannot be awaited. `steps`: how many values have resolved to it.
 */
export function adopt(value: unknown, settled: Settled, steps = 0): boolean {
  // Most listeners return nothing.
  if (value === undefined) return false;
  let then: Then | undefined;
  try {
    then = thenOf(value);
  } catch (error) {
    settled(true, error);
    return true;
  }
  if (!then) return false;
  // A native promise answers once, and with what cannot be awaited any more.
  const answer = then === nativeThen ? settled : firstAnswer(settled, steps);
  try {
    Reflect.apply(then, value, [
      (result: unknown) => answer(false, result),
      (error: unknown) => answer(true, error),
    ]);
  } catch (error) {
    // A `then` that throws; or what has that of a promise, and is none.
    answer(true, error);
  }
  return true;
}

/** Calls `body` and awaits nothing: `fail` is told what it throws or rejects with. */
export function callAndWatch(body: () => unknown, fail: (error: unknown) => void): void {
  try {
    adopt(body(), (failed, error) => failed && fail(error));
  } catch (error) {
    fail(error);
  }
}

/** A promise of `value`, which is waited for where it can be awaited: what `await` is, for a value that anybody may have made. */
export function adopted<T>(value: T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const isPending = adopt(value, (failed, result) => failed ? reject(result) : resolve(result as T));
    if (!isPending) resolve(value);
  });
}

/** @throws What a getter of the value throws. */
function thenOf(value: unknown): Then | undefined {
  if (typeof value !== "object" && typeof value !== "function" || value === null) return undefined;
  const { then } = value as { readonly then?: unknown };
  return typeof then === "function" ? then as Then : undefined;
}

/** Takes the first answer alone, and waits on where it can be awaited itself. */
function firstAnswer(settled: Settled, steps: number): Settled {
  let isOpen = true;
  return (failed, result) => {
    if (!isOpen) return;
    isOpen = false;
    if (failed) settled(true, result);
    else if (steps === MOST_STEPS) {
      settled(
        true,
        new TypeError(`Cannot await a value that resolves to another one ${MOST_STEPS} times over`),
      );
    } else if (!adopt(result, settled, steps + 1)) settled(false, result);
  };
}
