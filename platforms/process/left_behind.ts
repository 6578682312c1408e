/**
 * A register of things that keep a process alive after its bus has left and that nothing can end, such as a lock. The
 * platform does not wait for them.
 * @module
 */

/** A symbol that all copies of this package share, since two of them may meet in one program. */
const mark = Symbol.for("sitebus.left");

interface Marked {
  [mark]?: Set<{ readonly what: string }>;
}

/**
 * Registers a thing that cannot be ended. If it is still registered when the bus has left, the process is ended by force as
 * soon as its output is written. Bun does not report when that is: there the process is ended when its time is up. `what` is
 * the name of the thing in the log, such as `a lock of the database`. Returns the undo, for when the thing has ended after all.
 */
export function leaveBehind(what: string): () => void {
  const all = (globalThis as Marked)[mark] ??= new Set();
  const one = { what };
  all.add(one);
  return () => void all.delete(one);
}

/** Returns the names of all things that are registered now. */
export function leftBehind(): readonly string[] {
  return [...(globalThis as Marked)[mark] ?? []].map(({ what }) => what);
}
