/**
 * A component of a guest, as the bus has it: the guest's own methods, called with copies of all that the bus gives.
 * @module
 */
import { adopted } from "./_adopt.ts";
import type { Signal } from "./_web.ts";
import { type Component, disposer, METHODS, type Resource } from "./component.ts";
import { copyReload, copySignal } from "./copies.ts";
import { textOf } from "./errors.ts";
import type { Phase, Reload } from "./phase.ts";
import type { Log } from "./records.ts";

/** The part of a guest that its components use. */
export interface GuestComponentHost {
  /** The phase as the guest may have it. */
  narrow(phase: Phase): Phase;
  /** Whether the end of a component's work may end the host. */
  readonly mayExit: boolean;
  /** The prefix of the names of its components. */
  readonly prefix: string;
  log: Log;
}

const FIELDS = ["needs", "startWithin", "drainWithin", "stopWithin", "join", "onEnd", "dependsOn"] as const;

/** Makes the component that the bus uses. What is no component is left as it is, for the bus to refuse. */
export function guestComponent(
  given: Component<unknown> | Resource,
  host: GuestComponentHost,
): Component<unknown> | Resource {
  const component = given as Component<unknown>;
  if (typeof given !== "object" || given === null || disposer(given)) return given;
  const isRight = METHODS.every((method) =>
    component[method] === undefined || typeof component[method] === "function"
  );
  if (!isRight) return given;
  // A literal keeps its mistakes, so that the bus names them; of an instance, no more is taken than a component has.
  const isLiteral = Object.getPrototypeOf(component) === Object.prototype;
  const own: { -readonly [F in keyof Component]: unknown } = isLiteral
    ? { ...component }
    : { name: component.name };
  for (const field of FIELDS) if (component[field] !== undefined) own[field] = component[field];
  const { start, run, drain, stop, reload, check } = component;
  if (start) own.start = (phase: Phase) => start.call(component, host.narrow(phase));
  if (drain) own.drain = (value: unknown, phase: Phase) => drain.call(component, value, host.narrow(phase));
  if (stop) own.stop = (value: unknown, phase: Phase) => stop.call(component, value, host.narrow(phase));
  if (reload) {
    own.reload = (value: unknown, given: Reload) => reload.call(component, value, copyReload(given));
  }
  if (check) own.check = (value: unknown, signal: Signal) => check.call(component, value, copySignal(signal));
  if (run) {
    own.run = (value: unknown, signal: Signal) =>
      runFor(host, component.name, signal, () => run.call(component, value, copySignal(signal)));
  }
  return own as Component<unknown>;
}

/** Where the guest has no right to end the host, its work that has ended is waited for no more. */
async function runFor(
  { mayExit, prefix, log }: GuestComponentHost,
  name: string,
  signal: Signal,
  run: () => Promise<unknown>,
): Promise<void> {
  try {
    await adopted(run());
    if (mayExit || signal.aborted) return;
    log(`Component "${prefix}${name}" has ended its run`, { level: "warn" });
  } catch (error) {
    if (mayExit || signal.aborted) throw error;
    log(`Component "${prefix}${name}" failed: ${textOf(error)}`, { level: "error", error });
  }
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}
