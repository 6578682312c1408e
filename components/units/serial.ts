/**
 * One thing at a time, in the order in which they were asked for.
 * @module
 */

/** Runs `body` when all that was given before has settled, and settles as it does. */
export type Serial = <T>(body: () => Promise<T>) => Promise<T>;

/** Makes a queue of its own. */
export function serial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return (body) => {
    const next = last.then(body, body);
    last = next.catch(() => {});
    return next;
  };
}

/** At most so many at a time, in the order in which they were asked for. */
export function parallel(most: number): Serial {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (body) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await body();
    } finally {
      // The place is handed on to the next one.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
