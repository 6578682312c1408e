/**
 * The attachment of a bus to its process, from `attach` to `leave`: signals, uncaught errors, standard output, and the exit.
 * @module
 */
import { FAILED } from "../../src/exit_codes.ts";
import type { Control, Outcome } from "../../src/platform.ts";
import type { State } from "../../src/states.ts";
import { endBySignal } from "./end_by_signal.ts";
import { endNow, type EndOptions, endSoon } from "./ending.ts";
import { exitGuard, type Warn } from "./exit_guard.ts";
import { foreignListeners } from "./foreign_listeners.ts";
import { leftBehind } from "./left_behind.ts";
import { holdOutput } from "./output_errors.ts";
import { ownSignals } from "./own_signals.ts";
import { releaseParentChannel } from "./parent_channel.ts";
import { builtinModule, operatingSystem, type ProcessLike } from "./process_like.ts";
import { holdProcess } from "./process_mark.ts";
import { signalDelivery, type SignalPolicy } from "./signal_delivery.ts";
import { armSignals, runtimeName } from "./signal_listeners.ts";
import type { ArmedSignal } from "./signal_table.ts";
import { releaseInput } from "./standard_input.ts";
import { type UncaughtError, uncaughtErrors, type UncaughtOptions } from "./uncaught_errors.ts";

/** How a process is attached to a bus. */
export interface AttachmentOptions extends SignalPolicy {
  /** The process. */
  readonly process: ProcessLike;
  /** The signals to listen for, until the process ends. */
  readonly signals: readonly ArmedSignal[];
  /** Which uncaught errors stop the bus in order. */
  readonly uncaught: boolean | UncaughtOptions;
  /** Whether the process ends with the code, or by the signal that asked for it. Default `code`. */
  readonly exitBy?: "code" | "signal";
  /** Ends the process after the bus has left; returns its undo. Default: the process ends by itself, or by force when time is up. */
  readonly end?: (process: ProcessLike, options: EndOptions) => () => void;
  /** Called when another bus takes the process, to stop listening. Default nothing. */
  readonly release?: () => void;
}

/** The process while it is attached to one bus. */
export interface Attachment {
  /** Delivers a signal that did not come from the runtime. */
  deliver(signal: ArmedSignal): void;
  /** A state was entered or has settled. */
  pulse(state: State): void;
  /** Sends signals to a child from now on, or to the bus again if there is no child. */
  passTo(child: ((signal: string) => void) | undefined): void;
  /** The bus has left: lets the process end. */
  leave(outcome: Outcome): void;
}

const stopping: ReadonlySet<State> = new Set(["drain", "stop", "stop_error", "exit", "exit_error", "exited"]);
const starting: ReadonlySet<State> = new Set(["start", "run"]);

/**
 * Adds the listeners of one bus to its process. Its log records have an `event`: `foreign-listener`, `foreign-exit`,
 * `own-signal`, `signal-not-passed`, `uncaught`, `ended-by-force`.
 * @throws {Error} If this is a worker thread, another bus holds the process, or the runtime does not take a signal.
 */
export function attachToProcess(control: Control, options: AttachmentOptions): Attachment {
  const { process, signals, end, exitBy = "code", release = () => {} } = options;
  if (isWorker(process)) {
    throw new Error(
      `Cannot attach the bus "${control.bus}" in a worker thread: signals belong to the process; ` +
        `give it the platform embedded()`,
    );
  }
  const held = holdProcess(process, control.bus);
  const own = ownSignals(process);
  const warn: Warn = (message, details) => control.log(message, { level: "warn", ...details });
  const guard = exitGuard(process, warn);
  const beforeEnd = () => guard.watch();
  const delivery = signalDelivery(control, { ...options, own, beforeEnd });
  let armed: ReturnType<typeof armSignals>;
  try {
    armed = armSignals(process, signals, delivery.deliver);
  } catch (error) {
    own.rest();
    held.giveBack();
    throw error;
  }
  held.takeOver();
  let left = false;

  const onUncaught = ({ kind, error }: UncaughtError) => {
    const message = kind === "exception" ? "Nobody caught an error" : "Nobody handled a rejection";
    control.log(message, { level: "error", event: "uncaught", kind, error });
    if (left) process.exitCode ||= FAILED;
    else control.request("exit", { by: "error", code: FAILED, error });
  };
  const output = holdOutput(process);
  const undo: (() => void)[] = [
    release,
    armed.disarm,
    () => own.rest(),
    () => output.release(),
    uncaughtErrors(process, whichUncaught(options.uncaught), onUncaught),
  ];

  const ending = signals.map(runtimeName).filter((name) => name === "SIGTERM" || name === "SIGINT");
  const foreign = foreignListeners(process, ending, {
    own: armed.listeners,
    warn: ({ message, ...details }) => warn(message, { event: "foreign-listener", ...details }),
  });
  foreign.look();
  let forwarded: ReturnType<typeof armSignals> | undefined;

  return {
    deliver: delivery.deliver,
    passTo(child) {
      delivery.passTo(child);
      forwarded?.disarm();
      forwarded = child && armSignals(process, otherSignals(process, signals), ({ name }) => child(name));
    },
    pulse(state) {
      if (starting.has(state)) {
        guard.rest();
        output.restore();
      } else if (stopping.has(state)) {
        guard.watch();
        output.silence();
        foreign.look();
      }
    },
    leave({ code, forced, leftMs, late }) {
      left = true;
      delivery.leave();
      guard.rest();
      foreign.rest();
      releaseParentChannel(process);
      const input = releaseInput(process);
      held.free(() => undo.forEach((take) => take()));
      if (exitBy === "signal") undo.push(endBySignal(process, delivery.endings));
      if (forced) process.exit(code);
      const ends = end ?? (isWatched(process) && delivery.endings.length > 0 ? endNow : endSoon);
      undo.push(ends(process, {
        code,
        leftMs,
        late,
        left: [...leftBehind(), ...input === undefined ? [] : [input]],
        warn: (message, details) => warn(message, { event: "ended-by-force", ...details }),
      }));
    },
  };
}

/** Signals that end a process without a listener. While it waits for its child, they are passed on, so that the child ends too. */
const forChildren = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"];

function otherSignals(process: ProcessLike, signals: readonly ArmedSignal[]): ArmedSignal[] {
  if (operatingSystem(process) === "windows") return [];
  const armed = new Set(signals.map(runtimeName));
  return forChildren.filter((name) => !armed.has(name)).map((name) => ({ name, number: 0, goal: "none" }));
}

function whichUncaught(uncaught: AttachmentOptions["uncaught"]): UncaughtOptions {
  return typeof uncaught === "boolean" ? { exception: uncaught, rejection: uncaught } : uncaught;
}

/** Whether Bun's watcher runs in this process. The watcher keeps the process alive after a natural end, until a file changes. */
function isWatched(process: ProcessLike): boolean {
  return process.versions["bun"] !== undefined &&
    process.execArgv.some((flag) => /^--(watch|hot)$/.test(flag));
}

function isWorker(process: ProcessLike): boolean {
  // In its web workers, Deno says that `isMainThread` is true.
  const { WorkerGlobalScope } = globalThis as { readonly WorkerGlobalScope?: unknown };
  return !builtinModule(process, "node:worker_threads").isMainThread || WorkerGlobalScope !== undefined;
}
