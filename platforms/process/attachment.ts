/**
 * What a bus has of its process from `attach` on: the signals, the error hooks, and at last the exit.
 * @module
 */
import type { Control, Outcome } from "../../src/platform.ts";
import type { State } from "../../src/states.ts";
import { ignoreBrokenPipes } from "./broken_pipe.ts";
import { type EndOptions, endSoon } from "./ending.ts";
import { exitGuard } from "./exit_guard.ts";
import { foreignListeners } from "./foreign_listeners.ts";
import { leftBehind } from "./left_behind.ts";
import { builtinModule, type ProcessLike } from "./process_like.ts";
import { holdProcess } from "./process_mark.ts";
import { webClock } from "../../src/web_clock.ts";
import type { ArmedSignal } from "./signal_table.ts";
import { uncaughtErrors } from "./uncaught_errors.ts";

/** How a bus takes its process. */
export interface AttachmentOptions {
  /** The process. */
  readonly process: ProcessLike;
  /** The signals to listen for, until the process ends. */
  readonly signals: readonly ArmedSignal[];
  /** Whether errors that nobody caught stop the bus in order. */
  readonly uncaught: boolean;
  /** Ends the process once the bus has left, and returns the undo of that. Default: it ends by itself, in the end by force. */
  readonly end?: (process: ProcessLike, options: EndOptions) => () => void;
  /** Lets go of what else listens, when another bus takes the process. Default nothing. */
  readonly release?: () => void;
}

/** The process in the hands of one bus. */
export interface Attachment {
  /** Takes a signal that came by another way. */
  deliver(signal: ArmedSignal): void;
  /** A state was entered or has settled. */
  pulse(state: State): void;
  /** From now on signals go to a child, or to the bus again. */
  passTo(child: ((signal: string) => void) | undefined): void;
  /** Lets the process end. */
  leave(outcome: Outcome): void;
}

// The core takes the signals of this many milliseconds for one; so do we once it is gone.
const foldMs = 500;

const failed = 70;

const stopping: ReadonlySet<State> = new Set(["drain", "stop", "stop_error", "exit", "exit_error", "exited"]);
const starting: ReadonlySet<State> = new Set(["start", "run"]);

/**
 * Arms the signals and hooks of one bus on its process.
 * @throws {Error} in a worker thread, and where another bus holds the process.
 */
export function attachToProcess(control: Control, options: AttachmentOptions): Attachment {
  const { process, signals, end = endSoon, release = () => {} } = options;
  if (isWorker(process)) {
    throw new Error(
      `Cannot attach the bus "${control.bus}" in a worker thread: signals belong to the process; ` +
        `give it the platform embedded()`,
    );
  }
  const held = holdProcess(process, control.bus);
  const undo: (() => void)[] = [release];
  let child: ((signal: string) => void) | undefined;
  let left = false;
  let first: { readonly name: string; readonly at: number } | undefined;

  const warn = (message: string, error?: Error) =>
    control.log(message, { level: "warn", ...(error !== undefined && { error }) });

  const pass = (name: string) => {
    try {
      child?.(name);
    } catch (error) {
      // It ended just now, and its exit code is on the way.
      control.log(`Cannot pass ${name} on to the child`, { level: "warn", error });
    }
  };

  const deliver = ({ goal, ...signal }: ArmedSignal) => {
    const { name, number, leftMs } = signal;
    if (child !== undefined) return pass(name);
    // Who is impatient forces by a second signal; another one that leaves time only says how much.
    const shortens = first !== undefined && first.name !== name && leftMs !== undefined;
    if ((goal === "exit" || goal === "restart") && !shortens) {
      const now = webClock.now();
      first ??= { name, at: now };
      if (left && now - first.at > foldMs) process.exit(128 + number);
    }
    if (!left) control.request(shortens ? "none" : goal, { by: "signal", ...signal });
  };

  const fail = (message: string, error: unknown) => {
    control.log(message, { level: "error", error });
    if (left) process.exitCode ||= failed;
    else control.request("exit", { by: "error", code: failed, error });
  };

  const own = new Set<unknown>();
  const arm = (signal: ArmedSignal) => {
    const listener = () => deliver(signal);
    const name = nameOf(signal);
    own.add(listener);
    process.on(name, listener);
    undo.push(() => process.off(name, listener));
  };
  signals.forEach(arm);
  held.takeOver();
  undo.push(ignoreBrokenPipes(process));
  if (options.uncaught) undo.push(uncaughtErrors(process, fail));

  const ending = signals.map(nameOf).filter((name) => name === "SIGTERM" || name === "SIGINT");
  const lookForForeign = foreignListeners(process, ending, { own, warn });
  const guard = exitGuard(process, warn);
  lookForForeign();

  return {
    deliver,
    pulse(state) {
      if (starting.has(state)) guard.rest();
      if (!stopping.has(state)) return;
      guard.watch();
      lookForForeign();
    },
    passTo(passOn) {
      child = passOn;
    },
    leave({ code, forced, leftMs, late }) {
      left = true;
      guard.rest();
      held.free(() => undo.forEach((take) => take()));
      if (forced) process.exit(code);
      const sayLast = (message: string, details: object) =>
        control.log(message, { level: "warn", ...details });
      undo.push(end(process, { code, leftMs, late, left: leftBehind(), warn: sayLast }));
    },
  };
}

/** What the runtime calls a signal. */
function nameOf({ name, calledAs = name }: ArmedSignal): string {
  return calledAs;
}

function isWorker(process: ProcessLike): boolean {
  // Deno says "main thread" of its web workers.
  const { WorkerGlobalScope } = globalThis as { readonly WorkerGlobalScope?: unknown };
  return !builtinModule(process, "node:worker_threads").isMainThread || WorkerGlobalScope !== undefined;
}
