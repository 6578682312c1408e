/**
 * Components: parts of a program that are started in the order of their dependencies and stopped in the reverse.
 * @module
 */
import { checkFunction, checkKeys, checkMs, checkName, show } from "./check.ts";
import type { Signal } from "./_web.ts";
import { checkNeeds, type Needs, type Traits } from "./platform.ts";
import type { Phase, Prepared, Reload } from "./phase.ts";

/** The status of a component. `failed`: it did not stop, and is never started again. */
export type Status = "down" | "starting" | "up" | "draining" | "stopping" | "failed" | "removed";

/** A part of the program that is started and stopped as one; `T` is what its `start` returns. */
export interface Component<T = void> {
  /** Its name, once in a bus. */
  readonly name: string;
  /** The components it starts after and stops before, or "all": every one that neither says "all" nor depends on one that does. */
  readonly dependsOn?: readonly string[] | "all";
  /** The traits that the component needs of the platform. */
  readonly needs?: Needs;
  /** Milliseconds for its start. Default: the phase's deadline. */
  readonly startWithin?: number;
  /** Milliseconds for its drain. Default: the phase's deadline. */
  readonly drainWithin?: number;
  /** Milliseconds for its stop. Default: the phase's deadline. */
  readonly stopWithin?: number;
  /** Used while the bus runs: whether it starts "now" or with the "next" start. Default "now". */
  readonly join?: "now" | "next";
  /** Brings it up; what it returns is the component's `value`. */
  start?(phase: Phase): T | Promise<T>;
  /** The work itself, where it has an end: its end or failure while the bus runs asks for `exit` with 70. */
  run?(value: T, signal: Signal): Promise<unknown>;
  /** The request that the good end of `run` makes: "fail" asks for `exit` with 70; "exit" asks for `exit` with 0, for a job. Default "fail". */
  readonly onEnd?: "fail" | "exit";
  /** Ends the taking of new work and finishes what is under way. */
  drain?(value: T, phase: Phase): unknown;
  /** Takes it down. */
  stop?(value: T, phase: Phase): unknown;
  /** Prepares a reload; throws to veto it. */
  reload?(value: T, reload: Reload): Prepared | void | Promise<Prepared | void>;
  /** Tells whether it works now: it does not where this throws, rejects, or is `false`. Its signal aborts when time is short. */
  check?(value: T, signal: Signal): unknown;
}

/** A value that is disposed of rather than stopped. */
export type Resource = Disposable | AsyncDisposable;

/** The handle that `use` returns. */
export interface ComponentHandle<T> {
  /** The component's name. */
  readonly name: string;
  /** Its status. */
  readonly status: Status;
  /** The value that its start returned. @throws {Error} While it is not up. */
  readonly value: T;
  /** Resolves when it is up; rejects where this start of it failed. */
  readonly ready: Promise<T>;
  /** Drains and stops it, waiting for the transition under way; rejects, naming them, while dependants are up. */
  remove(): Promise<void>;
}

/** One component in a report. */
export interface ComponentReport {
  /** Its name. */
  readonly name: string;
  /** Its status. */
  readonly status: Status;
  /** Milliseconds that its last start or stop took, or has taken so far. */
  readonly ms?: number;
  /** The components it is waiting for. */
  readonly waitsFor?: readonly string[];
}

/** The methods of a component. */
export const METHODS = ["start", "run", "drain", "stop", "reload", "check"] as const;
const TIMES = ["startWithin", "drainWithin", "stopWithin"] as const;
const FIELDS = ["name", "dependsOn", "needs", ...TIMES, "join", "onEnd", ...METHODS];

/** Refuses what is no component, or needs more than the platform can. @throws {TypeError | RangeError | TraitError} */
export function checkComponent(component: Component<unknown>, traits: Traits): void {
  // Most are literals with nothing but a name, dependencies and functions in them: no more than these is read.
  const { name, dependsOn, start, run, drain, stop, reload, check } = Object(component) as Component;
  const names = dependsOn === undefined ? 1 : isNames(dependsOn) ? 2 : NaN;
  const known = names + one(start) + one(run) + one(drain) + one(stop) + one(reload) + one(check);
  if (typeof name === "string" && name !== "" && Object.keys(component).length === known) return;
  explain(component, traits);
}

/** Counts a function; anything else that is there makes the count useless. */
function one(method: unknown): number {
  return method === undefined ? 0 : typeof method === "function" ? 1 : NaN;
}

/** The same check in full, which names what is wrong. */
function explain(component: Component<unknown>, traits: Traits): void {
  const name = checkName("Cannot use a component", (component as Partial<Component> | undefined)?.name);
  const action = `Cannot use component "${name}"`;
  // An instance of a class may have fields of its own; a literal with others has a mistake in it.
  if (Object.getPrototypeOf(component) === Object.prototype) checkKeys(action, component, FIELDS);
  for (const method of METHODS) checkFunction(action, method, component[method], true);
  for (const field of TIMES) if (component[field] !== undefined) checkMs(action, field, component[field]);
  const { dependsOn = [], join = "now", onEnd = "fail", needs } = component;
  if (dependsOn !== "all" && !isNames(dependsOn)) {
    throw new TypeError(`${action}: "dependsOn" is ${show(dependsOn)}, expected a list of names or "all"`);
  }
  if (join !== "now" && join !== "next") {
    throw new TypeError(`${action}: "join" is ${show(join)}, expected "now" or "next"`);
  }
  if (onEnd !== "fail" && onEnd !== "exit") {
    throw new TypeError(`${action}: "onEnd" is ${show(onEnd)}, expected "fail" or "exit"`);
  }
  checkNeeds(action, needs, traits);
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

/** The way to dispose of a resource; undefined for a component. */
export function disposer(
  given: Component<unknown> | Resource,
): (() => unknown) | undefined {
  const resource = Object(given) as Partial<Component & Disposable & AsyncDisposable>;
  const dispose = resource[Symbol.asyncDispose] ?? resource[Symbol.dispose];
  if (!dispose || typeof resource.name === "string" && METHODS.some((method) => resource[method])) return;
  return () => dispose.call(given);
}
