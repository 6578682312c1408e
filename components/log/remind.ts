/**
 * Says every few seconds what a start or a stop waits for, so that nobody watches a silent program.
 * @module
 */
import type { LogRecord } from "../../src/records.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { Follower, Outlook } from "./follow.ts";

/** The interval, and where records go. */
export interface RemindOptions {
  /** Milliseconds between two records. */
  readonly every: number;
  /** Knows what the bus waits for. */
  readonly follower: Follower;
  /** Takes the records. */
  readonly emit: (record: LogRecord) => void;
}

/** After the listeners of the follower, and before the components. */
const EARLY = { name: "log reminder", priority: 1 };

/** Begins to remind while a start or a stop is under way; returns its undo. */
export function remind(bus: ProcessBus, { every, follower, emit }: RemindOptions): () => void {
  const { clock } = bus.platform;
  let disarm: (() => void) | undefined;
  let due = 0;
  const arm = () => {
    disarm ??= clock.setTimer(Math.max(0, due - clock.now()), () => {
      disarm = undefined;
      due = clock.now() + every;
      say();
      arm();
    });
  };
  const rest = () => {
    disarm?.();
    disarm = undefined;
  };
  const say = () => {
    const lines = follower.lines();
    if (lines.length === 0) return;
    const outlook = follower.outlook();
    const message = [...lines, ...outlookText(outlook)].join("; ");
    const { leftMs } = outlook ?? {};
    emit({
      ...{ time: clock.time(), level: "info", message, bus: bus.name, state: bus.state, event: "pending" },
      ...{ pending: follower.calls(), requests: follower.requests() },
      ...leftMs !== undefined && Number.isFinite(leftMs) && { leftMs },
    });
  };
  // The stop is one time from `drain` to `exit`, through `idle`, where the bus may also come to rest.
  const begin = () => {
    due = clock.now() + every;
    rest();
    arm();
  };
  const subscriptions = [
    bus.subscribe("start", begin, EARLY),
    bus.subscribe("drain", begin, EARLY),
    bus.subscribe("stop", arm, EARLY),
    bus.subscribe("exit", arm, EARLY),
    ...(["run", "idle", "exited"] as const).map((state) => bus.subscribe(state, rest, EARLY)),
  ];
  return () => {
    rest();
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

/** How much time is left, in words; an empty list where there is no limit. */
export function outlookText(outlook: Outlook | undefined): string[] {
  if (!outlook || outlook.leftMs === 0 || outlook.leftMs === Infinity) return [];
  const seconds = `${Math.ceil(outlook.leftMs / 1000)} s`;
  return [
    outlook.givenUp ? `the start is given up in ${seconds} at most` : `${seconds} left to ${outlook.state}`,
  ];
}
