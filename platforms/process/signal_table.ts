/**
 * Which signal asks the bus for what.
 * @module
 */
import { show } from "../../src/check.ts";
import { builtinModule, operatingSystem, type ProcessLike } from "./process_like.ts";
import { type RequestGoal, requestGoals } from "./request_goal.ts";

/** A signal that a program can take. */
export type SignalName =
  | "SIGHUP"
  | "SIGINT"
  | "SIGQUIT"
  | "SIGTERM"
  | "SIGUSR1"
  | "SIGUSR2"
  | "SIGALRM"
  | "SIGBREAK"
  | "SIGCONT"
  | "SIGIO"
  | "SIGTSTP"
  | "SIGTTIN"
  | "SIGWINCH"
  | "SIGXCPU";

const names: readonly SignalName[] = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGBREAK",
  "SIGCONT",
  "SIGIO",
  "SIGTSTP",
  "SIGTTIN",
  "SIGWINCH",
  "SIGXCPU",
];

/** What each signal asks for; `null` leaves it to the runtime. */
export type SignalTable = { readonly [N in SignalName]?: RequestGoal | null };

/** A signal that is armed. */
export interface ArmedSignal {
  /** As the bus calls it. */
  readonly name: string;
  /** What the runtime calls it, where that is another name. */
  readonly calledAs?: string;
  readonly number: number;
  readonly goal: RequestGoal;
  /** Milliseconds until the operating system ends the process by itself. */
  readonly leftMs?: number;
}

/**
 * The signals to arm, in the order of the table.
 * @throws {TypeError} where a name or a goal is unknown, or the operating system has no such signal.
 */
export function armedSignals(action: string, process: ProcessLike, table: SignalTable): ArmedSignal[] {
  const numbers = builtinModule(process, "node:os").constants.signals;
  const armed: ArmedSignal[] = [];
  for (const [name, goal] of Object.entries(table) as [SignalName, RequestGoal | null][]) {
    const number = numbers[name];
    if (!names.includes(name)) {
      const why = name in numbers ? "no program can take it" : "there is none of that name";
      throw new TypeError(`${action}: the signal is "${name}", ${why}, expected one of ${names.join(", ")}`);
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
