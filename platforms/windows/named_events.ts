/**
 * Named event objects of Windows. Another process sets one to ask the bus for a goal, or waits for one to learn that the bus
 * runs or has exited.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Control } from "../../src/platform.ts";
import type { ProcessLike } from "../process/process_like.ts";
import type { Source } from "../process/source.ts";
import type { Handle, Win32 } from "./win32.ts";

/** Where the events are visible: in the same session, or on the whole machine. */
export type EventScope = "session" | "machine";

/** The goals that another process may ask for. */
const askedByEvent = ["exit", "graceful", "reload", "restart"] as const;

/** The states that another process may wait for. */
const shownByEvent = ["run", "exited"] as const;

/** Returns the name of an event of a process, such as `sitebus-4711-exit`; with the prefix `Global\` for the whole machine. */
function eventName(
  pid: number,
  what: (typeof askedByEvent)[number] | (typeof shownByEvent)[number],
  scope: EventScope = "session",
): string {
  return `${scope === "machine" ? "Global\\" : ""}sitebus-${pid}-${what}`;
}

/** How named events are made. */
export interface NamedEventsOptions {
  readonly scope: EventScope;
  /** Makes the calls of Windows; throws if the runtime cannot call Windows. */
  readonly calls: () => Win32;
}

/** The event objects that are open while the bus lives. */
interface Opened {
  readonly calls: Win32;
  readonly control: Control;
  readonly stop: Handle;
  readonly asked: readonly { readonly goal: (typeof askedByEvent)[number]; name: string; event: Handle }[];
  readonly shown: ReadonlyMap<string, Handle>;
}

/** Makes the source of named events for one process. */
export function namedEvents(process: ProcessLike, { scope, calls: load }: NamedEventsOptions): Source {
  let opened: Opened | undefined;
  let parked = 0;
  let waiting: Promise<void> | undefined;

  /** Ends the wait of the thread. */
  const unblock = () => void opened?.calls.setEvent(opened.stop);

  /** Ends the wait for good. Also called when other code ends the process: on Deno and Bun the thread blocks in a call. */
  const abandon = () => {
    unblock();
    opened = undefined;
  };

  const wait = () => {
    if (opened === undefined || waiting !== undefined || parked === 0) return;
    const { calls, control, stop, asked } = opened;
    calls.resetEvent(stop);
    const told = (index: number) => {
      const one = asked[index - 1];
      if (one !== undefined) control.request(one.goal, { by: "host", name: one.name });
    };
    waiting = calls.waitFor([stop, ...asked.map(({ event }) => event)], told).then(
      () => {
        waiting = undefined;
        // Another call of `park` may have come while the wait ended.
        wait();
      },
      (error) => {
        // No retry: a wait that failed once would fail for ever.
        waiting = Promise.resolve();
        control.log("Cannot wait for the named events any more", {
          level: "warn",
          event: "event-unheard",
          error,
        });
      },
    );
  };

  return {
    attach({ control }) {
      try {
        opened = open(process, { calls: load(), control, scope });
      } catch (error) {
        control.log(`There are no named events: ${textOf(error)}`, {
          level: "warn",
          event: "event-unheard",
          error,
        });
        return;
      }
      // Before other listeners, which may throw.
      process.prependListener("exit", abandon);
      wait();
    },
    park(until) {
      parked++;
      const done = () => {
        if (--parked === 0) unblock();
      };
      until.then(done, done);
      wait();
    },
    pulse(state, settled) {
      if (opened === undefined) return;
      const { calls, shown } = opened;
      const now = settled ? shown.get(state) : undefined;
      if (now !== undefined) calls.setEvent(now);
      const run = shown.get("run");
      if (run !== undefined && state !== "run") calls.resetEvent(run);
    },
    async leave() {
      if (opened === undefined) return;
      const { calls, stop, asked, shown } = opened;
      abandon();
      // A handle must not be closed while the thread waits for it.
      await waiting;
      process.off("exit", abandon);
      for (const handle of [stop, ...asked.map(({ event }) => event), ...shown.values()]) {
        calls.closeHandle(handle);
      }
    },
  };
}

function open(
  { pid }: ProcessLike,
  { calls, control, scope }: Pick<Opened, "calls" | "control"> & { readonly scope: EventScope },
): Opened {
  const stop = calls.createEvent(undefined, true);
  if (stop === undefined) throw new Error("Windows refuses to make an event object");
  const taken: string[] = [];
  const make = (name: string, manual: boolean): Handle | undefined => {
    const other = calls.openEvent(name);
    if (other !== undefined) calls.closeHandle(other);
    const event = other === undefined ? calls.createEvent(name, manual) : undefined;
    if (event === undefined) taken.push(`"${name}"`);
    return event;
  };
  const asked = askedByEvent.flatMap((goal) => {
    const name = eventName(pid, goal, scope);
    const event = make(name, false);
    return event === undefined ? [] : [{ goal, name, event }];
  });
  const shown = new Map(shownByEvent.flatMap((state): [string, Handle][] => {
    const event = make(eventName(pid, state, scope), true);
    return event === undefined ? [] : [[state, event]];
  }));
  if (taken.length > 0) {
    const names = taken.join(", ");
    control.log(`Cannot make the named events ${names}: the names are taken by another owner`, {
      level: "warn",
      event: "event-unheard",
    });
  }
  return { calls, control, stop, asked, shown };
}
