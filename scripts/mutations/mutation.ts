/**
 * What a mutation is.
 * @module
 */

/** One textual replacement in the core. */
export interface Mutation {
  /** The rule that it breaks. */
  readonly name: string;
  /** Text that is in `src/` exactly once, whatever file it is in. */
  readonly find: string;
  readonly replace: string;
}

/** Rules, each with the text that holds it and what that is broken to. */
export function mutationsOf(
  rules: Readonly<Record<string, readonly [find: string, replace: string]>>,
): readonly Mutation[] {
  return Object.entries(rules).map(([name, [find, replace]]) => ({ name, find, replace }));
}
