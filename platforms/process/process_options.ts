/**
 * Checks of the options that the platforms of all operating systems share.
 * @module
 */
import { checkKeys, show } from "../../src/check.ts";
import type { SignalPolicy } from "./signal_delivery.ts";
import type { UncaughtOptions } from "./uncaught_errors.ts";

/** Returns `value`, which must be true or false. Default false. */
export function checkBoolean(action: string, field: string, value: unknown = false): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${action}: "${field}" is ${show(value)}, expected true or false`);
}

/** Returns `value`, which must be one of `choices`. Default the first one. */
export function checkChoice<const C extends string>(
  action: string,
  field: string,
  value: unknown,
  choices: readonly [C, ...C[]],
): C {
  const found = choices.find((choice) => choice === (value ?? choices[0]));
  if (found !== undefined) return found;
  const expected = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new TypeError(`${action}: "${field}" is ${show(value)}, expected ${expected}`);
}

/** Returns which uncaught errors are handled. */
export function checkUncaught(action: string, uncaught: unknown = false): boolean | UncaughtOptions {
  if (typeof uncaught === "boolean") return uncaught;
  const known = ["exception", "rejection"];
  checkObject(action, uncaught, { field: "uncaught", known, expected: "true or false, or an object" });
  const { exception, rejection } = uncaught as UncaughtOptions;
  return {
    exception: checkBoolean(action, "uncaught.exception", exception),
    rejection: checkBoolean(action, "uncaught.rejection", rejection),
  };
}

/** Returns the checked policy for the first and the second signal. */
export function checkSignalPolicy(action: string, { firstSignal, secondSignal }: SignalPolicy): SignalPolicy {
  return {
    firstSignal: checkChoice(action, "firstSignal", firstSignal, ["ask", "force"]),
    secondSignal: checkChoice(action, "secondSignal", secondSignal, ["force", "ignore"]),
  };
}

/** How an option that is an object is checked. */
interface ObjectOptions {
  /** The name of the option. */
  readonly field: string;
  /** The keys that it may have. */
  readonly known: readonly string[];
  /** All the values that the option may have, for the message. Default "an object". */
  readonly expected?: string;
}

/** Checks that the option is an object that has no other keys than `known`, or is absent. */
export function checkObject(action: string, value: unknown, options: ObjectOptions): void {
  const { field, known, expected = "an object" } = options;
  if (value === undefined) return;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const found = Array.isArray(value) ? "an array" : show(value);
    throw new TypeError(`${action}: "${field}" is ${found}, expected ${expected}`);
  }
  checkKeys(`${action}: "${field}"`, value, known);
}

/** Returns the arguments in the option `restart`. */
export function checkArguments(action: string, restart: unknown): readonly string[] | undefined {
  checkObject(action, restart, { field: "restart", known: ["args"] });
  if (restart === undefined) return undefined;
  const { args } = restart as { readonly args?: unknown };
  if (Array.isArray(args) && args.every((one) => typeof one === "string")) return [...args];
  throw new TypeError(`${action}: "restart.args" is ${String(args)}, expected an array of strings`);
}
