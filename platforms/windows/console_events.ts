/**
 * The console events of Windows: the goal that each asks for, and the signal name that each runtime gives it.
 * @module
 */
import { show } from "../../src/check.ts";
import { checkObject } from "../process/process_options.ts";
import { type RequestGoal, requestGoals } from "../process/request_goal.ts";
import type { ArmedSignal } from "../process/signal_table.ts";
import type { KernelRuntime } from "./kernel.ts";

/** A console event. */
export type ConsoleEventName = "CTRL_C" | "CTRL_BREAK" | "CTRL_CLOSE" | "CTRL_LOGOFF" | "CTRL_SHUTDOWN";

/** The request that each event makes; `null` leaves it to the runtime. */
export type ConsoleEventTable = { readonly [N in ConsoleEventName]?: RequestGoal | null };

interface ConsoleEvent {
  /** The number that Windows gives the event. */
  readonly event: number;
  /** The number of the POSIX signal with the same meaning. The exit code of a forced exit is 128 and this number, as on POSIX. */
  readonly number: number;
  /** The goal that the event asks for by default. */
  readonly goal: RequestGoal | null;
  /** Milliseconds until Windows ends the process. */
  readonly endsAfter?: number;
  /** The signal name that each runtime reports the event by; absent if the runtime does not report it. */
  readonly calledAs: { readonly [R in KernelRuntime]?: string };
}

// https://learn.microsoft.com/en-us/windows/console/handlerroutine
const consoleEvents: { readonly [N in ConsoleEventName]: ConsoleEvent } = {
  CTRL_C: {
    event: 0,
    number: 2,
    goal: "exit",
    calledAs: { node: "SIGINT", deno: "SIGINT", bun: "SIGINT" },
  },
  CTRL_BREAK: {
    event: 1,
    number: 21,
    goal: "inspect",
    calledAs: { node: "SIGBREAK", deno: "SIGBREAK", bun: "SIGBREAK" },
  },
  CTRL_CLOSE: {
    event: 2,
    number: 1,
    goal: "exit",
    endsAfter: 5000,
    calledAs: { node: "SIGHUP", deno: "SIGHUP", bun: "SIGHUP" },
  },
  CTRL_LOGOFF: { event: 5, number: 15, goal: "exit", endsAfter: 5000, calledAs: {} },
  // Deno reports both CTRL_LOGOFF and CTRL_SHUTDOWN as SIGTERM.
  CTRL_SHUTDOWN: { event: 6, number: 15, goal: "exit", endsAfter: 5000, calledAs: { deno: "SIGTERM" } },
};

/**
 * The differences for a service. A service receives CTRL_LOGOFF for each user who logs off, and must go on. When the machine
 * is shut down, a service has more time.
 */
const ofService: { readonly [N in ConsoleEventName]?: Partial<ConsoleEvent> } = {
  CTRL_LOGOFF: { goal: null },
  // No signal name: Deno reports CTRL_LOGOFF by the same one, so that a service would end when the first user logs off.
  CTRL_SHUTDOWN: { endsAfter: 20_000, calledAs: {} },
};

/** The part of `endsAfter` that is reserved for the end of the process after the bus has exited, in milliseconds. */
const reserveMs = 500;

/**
 * Returns the events to listen for.
 * @throws {TypeError} If a name or a goal is unknown.
 */
export function armedEvents(
  action: string,
  table: ConsoleEventTable | undefined,
  { runtime, isService }: { readonly runtime: KernelRuntime; readonly isService: boolean },
): ArmedSignal[] {
  checkObject(action, table, { field: "events", known: Object.keys(consoleEvents) });
  return (Object.keys(consoleEvents) as ConsoleEventName[]).flatMap((name) => {
    const event = { ...consoleEvents[name], ...isService && ofService[name] };
    const goal = table?.[name] === undefined ? event.goal : table[name];
    if (goal === null) return [];
    if (!requestGoals.includes(goal)) {
      throw new TypeError(
        `${action}: the event "${name}" is set to ${show(goal)}, ` +
          `expected one of ${requestGoals.join(", ")} or null`,
      );
    }
    const { number, endsAfter } = event;
    const calledAs = event.calledAs[runtime];
    return [{
      name,
      number,
      goal,
      ...calledAs !== undefined && { calledAs },
      ...endsAfter !== undefined && { leftMs: endsAfter - reserveMs },
    }];
  });
}

/** Returns the number that Windows gives an event. */
export function eventNumber({ name }: ArmedSignal): number {
  return consoleEvents[name as ConsoleEventName].event;
}
