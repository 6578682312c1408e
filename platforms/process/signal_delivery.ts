/**
 * What a signal comes to: a request to the bus, a second one that forces, one that the process sent itself, or one that is
 * passed on to a child.
 * @module
 */
import { SIGNALED } from "../../src/exit_codes.ts";
import type { Control } from "../../src/platform.ts";
import { webClock } from "../../src/web_clock.ts";
import type { EndingSignal } from "./end_by_signal.ts";
import type { OwnSignals } from "./own_signals.ts";
import type { ProcessLike } from "./process_like.ts";
import { FOLD_MS } from "../../src/internal.ts";
import { runtimeName } from "./signal_listeners.ts";
import type { ArmedSignal } from "./signal_table.ts";

/** What the first and the second signal come to, of those that ask for the end: on Windows, the first and the second console event. */
export interface SignalPolicy {
  /** `ask` stops in order; `force` waits for no listener, as is handy while developing. Default `ask`. */
  readonly firstSignal?: "ask" | "force";
  /**
   * For a second one, 500 ms after the first or later: `force` waits for no listener any more; `ignore` goes on with the
   * stop under way, where a host repeats its signals. Default `force`.
   */
  readonly secondSignal?: "force" | "ignore";
}

/** What delivers signals. */
export interface SignalDeliveryOptions extends SignalPolicy {
  readonly process: ProcessLike;
  /** Tells the process's own signals. */
  readonly own: OwnSignals;
  /** Is called before the bus is asked for its end. */
  readonly beforeEnd: () => void;
}

/** Signals on their way to a bus. */
export interface SignalDelivery {
  /** Delivers one. */
  deliver(signal: ArmedSignal): void;
  /** From now on they go to a child, or to the bus again. */
  passTo(child: ((signal: string) => void) | undefined): void;
  /** The bus has left: from now on a signal can only force. */
  leave(): void;
  /** Those that asked for an exit, in their order. */
  readonly endings: readonly EndingSignal[];
}

/** Makes the way of signals to one bus. */
export function signalDelivery(control: Control, options: SignalDeliveryOptions): SignalDelivery {
  const { process, own, beforeEnd, firstSignal = "ask", secondSignal = "force" } = options;
  const endings: EndingSignal[] = [];
  let child: ((signal: string) => void) | undefined;
  let left = false;
  let first: { readonly name: string; readonly at: number } | undefined;
  let toldOwn = false;

  const pass = (name: string) => {
    try {
      child?.(name);
    } catch (error) {
      // It ended just now, and its exit code is on the way.
      control.log(`Cannot pass ${name} on to the child`, {
        level: "warn",
        event: "signal-not-passed",
        name,
        error,
      });
    }
  };

  /** Asks for the same end, and can never force. */
  const repeat = ({ goal, ...signal }: ArmedSignal) => {
    control.request("none", { by: "signal", ...signal });
    control.request(goal, { by: "host", name: signal.name });
  };

  const deliverOwn = (signal: ArmedSignal) => {
    const { name, goal } = signal;
    if (!toldOwn) {
      control.log(
        `This process sent ${name} to itself: it counts as a request for "${goal}", the same as one under way, and forces nothing`,
        { level: "info", event: "own-signal", name },
      );
    }
    toldOwn = true;
    if (!left) repeat(signal);
  };

  /** Delivers a signal that asks for the end. */
  const deliverEnd = (signal: ArmedSignal) => {
    const { goal, ...reason } = signal;
    const { name, number, leftMs } = signal;
    if (goal === "exit") endings.push({ name, number });
    if (!left) beforeEnd();
    if (own.take(runtimeName(signal))) return deliverOwn(signal);
    // An impatient operator repeats a signal; another one that leaves time only says how much.
    if (first !== undefined && first.name !== name && leftMs !== undefined) {
      if (!left) control.request("none", { by: "signal", ...reason });
      return;
    }
    const isFirst = first === undefined;
    const now = webClock.now();
    first ??= { name, at: now };
    if (left) {
      if (secondSignal === "force" && now - first.at > FOLD_MS) process.exit(SIGNALED + number);
    } else if (!isFirst && secondSignal === "ignore") repeat(signal);
    else control.request(goal, { by: "signal", ...reason, ...firstSignal === "force" && { leftMs: 0 } });
  };

  return {
    endings,
    deliver(signal) {
      const { goal, ...reason } = signal;
      if (child !== undefined) pass(signal.name);
      else if (goal === "exit" || goal === "restart") deliverEnd(signal);
      else if (!left) control.request(goal, { by: "signal", ...reason });
    },
    passTo(passOn) {
      child = passOn;
    },
    leave() {
      left = true;
    },
  };
}
