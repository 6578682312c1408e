/**
 * What the platforms of all operating systems may be told alike.
 * @module
 */
import { checkKeys, show } from "../../src/check.ts";

/** Returns `value` where it is a choice; without one, it is false. */
export function checkBoolean(action: string, field: string, value: unknown = false): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${action}: "${field}" is ${show(value)}, expected true or false`);
}

/** The arguments of `restart`, where it has some. */
export function checkArguments(action: string, restart: unknown): readonly string[] | undefined {
  checkKeys(action, restart, ["args"]);
  if (restart === undefined) return undefined;
  const { args } = restart as { readonly args?: unknown };
  if (Array.isArray(args) && args.every((one) => typeof one === "string")) return [...args];
  throw new TypeError(`${action}: "restart.args" is ${String(args)}, expected an array of strings`);
}
