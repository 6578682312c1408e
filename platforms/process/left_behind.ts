/**
 * Things that keep a process alive although its bus has left, and that nothing can end, such as a lock. The platform
 * hears of them, and does not wait for them.
 * @module
 */

/** A symbol that all copies of this package share, since two of them may meet in one program. */
const mark = Symbol.for("sitebus.left");

interface Marked {
  [mark]?: Set<{ readonly what: string }>;
}

/**
 * Registers something that cannot be ended. If it is still registered when the bus has left, the process is ended by force
 * as soon as its output is written. Bun does not tell when that is: there the process has all of its time. `what` is the
 * name in the log, such as `a lock of the database`. Returns the undo, for when it has ended after all.
 */
export function leaveBehind(what: string): () => void {
  const all = (globalThis as Marked)[mark] ??= new Set();
  const one = { what };
  all.add(one);
  return () => void all.delete(one);
}

/** The names of all that is registered now. */
export function leftBehind(): readonly string[] {
  return [...(globalThis as Marked)[mark] ?? []].map(({ what }) => what);
}
