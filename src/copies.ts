/**
 * Copies for guests: nothing that a guest gets is shared by reference with the host or another guest.
 * @module
 */
import { type Controller, onAbort, type Signal, web } from "./_web.ts";
import { namedError, textOf } from "./errors.ts";
import type { Phase, Reason, Reload, RequestDetails } from "./phase.ts";
import type { Goal } from "./states.ts";

/** The calls that a guest's phase passes on. */
export interface PhaseRights {
  log: Phase["log"];
  /** Asks the host, where the guest has the right. */
  request(phase: Phase, goal: Goal, details: RequestDetails | undefined): void;
  /** Says that a guest may not extend a phase of the host. */
  refuseExtend(): void;
}

/** The phase as a guest has it: a signal of its own, and no way to lengthen or cut the host's time. */
export function copyPhase(phase: Phase, rights: PhaseRights): Phase {
  const { state, from } = phase;
  let signal: Signal | undefined;
  return Object.freeze<Phase>({
    state,
    from,
    reason: copyReason(phase.reason),
    get signal() {
      return signal ??= copySignal(phase.signal);
    },
    left: () => phase.left(),
    extend() {
      rights.refuseExtend();
      return 0;
    },
    delay: (ms) => phase.delay(ms),
    request: (goal, details) => rights.request(phase, goal, details),
    log: rights.log,
  });
}

/** A reload as a guest has it. Details that cannot be copied are left out. */
export function copyReload({ generation, details, signal }: Reload): Reload {
  let own: Signal | undefined;
  return Object.freeze<Reload>({
    generation,
    details: copyData(details),
    get signal() {
      return own ??= copySignal(signal);
    },
  });
}

/** The reason without the host's errors. */
export function copyReason({ error: _, ...reason }: Reason): Reason {
  return Object.freeze(reason);
}

/** Plain data, copied and frozen all the way down; undefined where it cannot be copied. */
export function copyData(data: unknown): unknown {
  try {
    return freeze(web.structuredClone(data));
  } catch {
    return undefined;
  }
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  // The bytes of an array buffer cannot be frozen, and the copy belongs to the guest.
  if (!ArrayBuffer.isView(value)) Object.freeze(value);
  Object.values(value).forEach(freeze);
  return value;
}

/** A signal that aborts with another one, for a copy of its reason, and that nothing leads back from. */
export function copySignal(signal: Signal): Signal {
  const controller: Controller = new web.AbortController();
  const abort = (reason: unknown) => controller.abort(copyAbort(reason));
  if (signal.aborted) abort(signal.reason);
  else onAbort(signal, abort);
  return controller.signal;
}

/** Why a signal has aborted, without the host's errors. */
function copyAbort(reason: unknown): Error {
  let name: unknown;
  try {
    ({ name } = Object(reason) as { readonly name?: unknown });
  } catch { /* A getter of the error throws. */ }
  if (name === "AbortError" || name === "TimeoutError") return namedError(name, textOf(reason));
  return namedError("AbortError", "The host has given it up");
}
