/**
 * The table of signals: the goal that each one asks the bus for.
 * @module
 */
import { show } from "../../src/check.ts";
import { builtinModule, operatingSystem, type ProcessLike } from "./process_like.ts";
import { type RequestGoal, requestGoals } from "./request_goal.ts";

/** The name of a signal. The operating system and the runtime decide for which of them a program can listen. */
export type SignalName =
  | "SIGHUP"
  | "SIGINT"
  | "SIGQUIT"
  | "SIGTERM"
  | "SIGUSR1"
  | "SIGUSR2"
  | "SIGABRT"
  | "SIGALRM"
  | "SIGBREAK"
  | "SIGCHLD"
  | "SIGCONT"
  | "SIGINFO"
  | "SIGIO"
  | "SIGPIPE"
  | "SIGPOLL"
  | "SIGPROF"
  | "SIGPWR"
  | "SIGSYS"
  | "SIGTRAP"
  | "SIGTSTP"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGURG"
  | "SIGVTALRM"
  | "SIGWINCH"
  | "SIGXCPU"
  | "SIGXFSZ";

// No program of any POSIX system can listen for these two. Bun accepts a listener for them, but never calls it.
const neverTaken: readonly string[] = ["SIGKILL", "SIGSTOP"];

// Signals that only some systems have. On other systems a table may name one only with the value `null`.
const elsewhere: readonly string[] = ["SIGBREAK", "SIGINFO", "SIGIO", "SIGPOLL", "SIGPWR"];

/** The request that each signal makes; `null` leaves it to the runtime. */
export type SignalTable = { readonly [N in SignalName]?: RequestGoal | null };

/** A signal with the goal that it asks for. */
export interface ArmedSignal {
  /** The name that the bus uses. */
  readonly name: string;
  /** The name that the runtime uses, if it is different. */
  readonly calledAs?: string;
  readonly number: number;
  readonly goal: RequestGoal;
  /** Milliseconds until the operating system ends the process by itself. */
  readonly leftMs?: number;
}

/**
 * Returns the signals to listen for, in the order of the table.
 * @throws {TypeError} If a name or a goal is unknown, or the operating system has no such signal.
 */
export function armedSignals(action: string, process: ProcessLike, table: SignalTable): ArmedSignal[] {
  const numbers = builtinModule(process, "node:os").constants.signals;
  const armed: ArmedSignal[] = [];
  for (const [name, goal] of Object.entries(table) as [SignalName, RequestGoal | null][]) {
    const number = numbers[name];
    if (neverTaken.includes(name) || number === undefined && !elsewhere.includes(name)) {
      const why = number === undefined ? "there is none of that name" : "no program can take it";
      const expected = Object.keys(numbers).filter((one) => !neverTaken.includes(one));
      throw new TypeError(
        `${action}: the signal is "${name}", ${why}, expected one of ${expected.join(", ")}`,
      );
    }
    if (goal === null) continue;
    if (!requestGoals.includes(goal)) {
      throw new TypeError(
        `${action}: the signal "${name}" is set to ${show(goal)}, ` +
          `expected one of ${requestGoals.join(", ")} or null`,
      );
    }
    if (number === undefined) {
      throw new TypeError(
        `${action}: the signal is "${name}", "${operatingSystem(process)}" has none of that name`,
      );
    }
    armed.push({ name, number, goal });
  }
  return armed;
}
