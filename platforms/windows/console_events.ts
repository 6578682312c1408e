/**
 * The console events of Windows: what each asks for, and what the runtime calls it.
 * @module
 */
import { show } from "../../src/check.ts";
import { checkObject } from "../process/process_options.ts";
import { type RequestGoal, requestGoals } from "../process/request_goal.ts";
import type { ArmedSignal } from "../process/signal_table.ts";
import type { KernelRuntime } from "./kernel.ts";

/** A console event. */
export type ConsoleEventName = "CTRL_C" | "CTRL_BREAK" | "CTRL_CLOSE" | "CTRL_LOGOFF" | "CTRL_SHUTDOWN";

/** What each event asks for; `null` leaves it to the runtime. */
export type ConsoleEventTable = { readonly [N in ConsoleEventName]?: RequestGoal | null };

interface ConsoleEvent {
  /** What Windows calls it. */
  readonly event: number;
  /** That of the signal which means the same, so that a forced exit code says as on POSIX what forced it. */
  readonly number: number;
  /** What it asks for by default. */
  readonly goal: RequestGoal | null;
  /** Milliseconds until Windows ends the process. */
  readonly endsAfter?: number;
  /** What each runtime calls it, as far as it tells of it. */
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
  // Deno calls both so, and does not tell which it is.
  CTRL_SHUTDOWN: { event: 6, number: 15, goal: "exit", endsAfter: 5000, calledAs: { deno: "SIGTERM" } },
};

/**
 * The differences for a service: it hears of each user who logs off, and runs on; and it has more time when the machine is
 * shut down.
 */
const ofService: { readonly [N in ConsoleEventName]?: Partial<ConsoleEvent> } = {
  CTRL_LOGOFF: { goal: null },
  // Deno calls both alike, so that by its name a service would end with the first who logs off.
  CTRL_SHUTDOWN: { endsAfter: 20_000, calledAs: {} },
};

/** The part of that time that is kept for the end of the process itself, in milliseconds. */
const reserveMs = 500;

/**
 * The events to arm.
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

/** What Windows calls an event. */
export function eventNumber({ name }: ArmedSignal): number {
  return consoleEvents[name as ConsoleEventName].event;
}
