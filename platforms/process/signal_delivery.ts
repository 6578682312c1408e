/**
 * Delivers signals: as a request to the bus, as force if it is a second signal, as a repetition if the process sent it to
 * itself, or to a child.
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

/** The effect of the first and the second signal that ask for the end; on Windows, of the first and the second console event. */
export interface SignalPolicy {
  /** `ask` stops in order; `force` waits for no listener, which is handy during development. Default `ask`. */
  readonly firstSignal?: "ask" | "force";
  /**
   * The effect of a second signal, 500 ms or more after the first one. `force` does not wait for listeners any more; `ignore`
   * goes on with the stop, for hosts that repeat their signals. Default `force`.
   */
  readonly secondSignal?: "force" | "ignore";
}

/** How signals are delivered. */
export interface SignalDeliveryOptions extends SignalPolicy {
  readonly process: ProcessLike;
  /** Detects signals that the process sent to itself. */
  readonly own: OwnSignals;
  /** Called before the bus is asked for its end. */
  readonly beforeEnd: () => void;
}

/** Delivers the signals of a process. */
export interface SignalDelivery {
  /** Delivers a signal. */
  deliver(signal: ArmedSignal): void;
  /** Sends signals to a child from now on, or to the bus again if there is no child. */
  passTo(child: ((signal: string) => void) | undefined): void;
  /** The bus has left: from now on a second signal only ends the process at once. */
  leave(): void;
  /** The signals that asked for an exit, in their order. */
  readonly endings: readonly EndingSignal[];
}

/** Makes the delivery of signals to one bus. */
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
      // The child has just ended, and its exit code is on the way.
      control.log(`Cannot pass ${name} on to the child`, {
        level: "warn",
        event: "signal-not-passed",
        name,
        error,
      });
    }
  };

  /** Asks for the same goal again, as a host does, so that the bus does not count a second signal, which would force. */
  const repeat = ({ goal, ...signal }: ArmedSignal) => {
    control.request("none", { by: "signal", ...signal });
    control.request(goal, { by: "host", name: signal.name });
  };

  const deliverOwn = (signal: ArmedSignal) => {
    const { name, goal } = signal;
    if (!toldOwn) {
      control.log(
        `This process sent ${name} to itself: the signal counts as a request for "${goal}", and does not force a stop that is under way`,
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
    // An operator who wants force repeats the same signal. A different signal with a deadline only tells the bus the time left.
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
