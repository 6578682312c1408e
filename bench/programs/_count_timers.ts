// Counts what the timers fire that are made from here on; to be imported before whatever makes them.
type Make = (fire: (...args: unknown[]) => void, ...rest: unknown[]) => unknown;

let count = 0;

for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
  const make = globalThis[name] as unknown as Make;
  const counting: Make = (fire, ...rest) =>
    make((...args) => {
      count++;
      fire(...args);
    }, ...rest);
  Object.assign(globalThis, { [name]: counting });
}

/** How often one of them has fired. */
export function timersFired(): number {
  return count;
}
