/**
 * The needs that an application module declares: `export const needs = { concurrency: "one", unit: true }`.
 * @module
 */

/** The needs of a module. */
export interface Needs {
  /** One request at a time in each process or thread. Default: any number. */
  readonly concurrency?: "one";
  /** Whether its default export is a factory: a function that is given the unit and returns the application. Default false. */
  readonly unit?: boolean;
}

/** The process or thread that an application runs in, as its factory is told. */
export interface ServedUnit {
  /** Such as "web/1". */
  readonly name: string;
  /** The number of its place, from 1 on. A process that replaces another one has the same. */
  readonly slot: number;
  readonly kind: "process" | "thread";
}

/** The unit of a process that serves alone. */
export const ALONE: ServedUnit = { name: "web/1", slot: 1, kind: "process" };

/** Reads the export "needs"; a text says why it cannot be used. */
export function needsOf(found: unknown): Needs | string {
  if (found === undefined) return {};
  if (typeof found !== "object" || found === null) {
    return 'its export "needs" is no object, expected such as { concurrency: "one" }';
  }
  const { concurrency, unit, ...others } = found as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    return `it needs "${unknown}", which is unknown: expected "concurrency" or "unit"`;
  }
  if (concurrency !== undefined && concurrency !== "one") {
    return `it needs the concurrency ${JSON.stringify(concurrency)}, expected "one"`;
  }
  if (unit !== undefined && typeof unit !== "boolean") {
    return `its "needs.unit" is ${JSON.stringify(unit)}, expected true or false`;
  }
  return { ...concurrency === "one" && { concurrency }, ...unit && { unit } };
}
