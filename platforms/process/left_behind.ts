/**
 * What keeps a process alive although its bus has left, and cannot be ended by anybody: it is told to the platform, so
 * that nobody waits for it.
 * @module
 */

/** Two copies of this package may meet in one program. */
const mark = Symbol.for("sitebus.left");

interface Marked {
  [mark]?: Set<{ readonly what: string }>;
}

/**
 * Says that something cannot be ended: where it is still there when the bus has left, the process is ended as soon as
 * its output is written (on Bun, which does not tell when that is, as it always is). `what` is its name in the log, such
 * as `a lock of the database`. Returns the undo, for when it has ended after all.
 */
export function leaveBehind(what: string): () => void {
  const all = (globalThis as Marked)[mark] ??= new Set();
  const one = { what };
  all.add(one);
  return () => void all.delete(one);
}

/** What was left behind and is still there. */
export function leftBehind(): readonly string[] {
  return [...(globalThis as Marked)[mark] ?? []].map(({ what }) => what);
}
