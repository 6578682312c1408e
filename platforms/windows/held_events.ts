/**
 * Console events after which Windows ends the process as soon as its handlers have returned. The runtimes' own handlers return
 * too early, so that a thread of the platform blocks the handler until the bus has exited, if the event asks for the end.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import { ownDeno } from "../process/deno_like.ts";
import type { Source, Told } from "../process/source.ts";
import type { ArmedSignal } from "../process/signal_table.ts";
import { eventNumber } from "./console_events.ts";
import type { Win32 } from "./win32.ts";

/** How console events are held. */
export interface HeldEventsOptions {
  /** Makes the calls of Windows; throws if the runtime cannot call Windows. */
  readonly calls: () => Win32;
  /** The beginning of the warning if the events cannot be held; the reason follows. */
  readonly without: string;
  /** Listens in another way if the events cannot be held; returns its undo. */
  readonly instead?: (told: Told) => () => void;
}

/** Makes the source of held console events. */
export function heldEvents(
  events: readonly ArmedSignal[],
  { calls, without, instead }: HeldEventsOptions,
): Source {
  let release: (() => void) | undefined;
  let released = false;
  return {
    async attach(told) {
      const { deliver, control } = told;
      try {
        release = await calls().takeEvents(events.map(eventNumber), {
          held: events.filter(ends).map(eventNumber),
          told(number) {
            const found = events.find((event) => eventNumber(event) === number);
            if (found !== undefined) deliver(toldByWindows(found));
          },
        });
      } catch (error) {
        control.log(`${without}: ${textOf(error)}`, { level: "warn", event: "event-unheard", error });
        release = instead?.(told);
      }
      if (released) release?.();
    },
    // Not in `leave`: the events are held until the process ends, so that none of them cuts off the last output.
    release() {
      released = true;
      release?.();
    },
  };
}

/** Listens for signals of Deno. Deno's handler returns to Windows at once, so that there is no time left to wait for anything. */
export function listenByDeno(events: readonly ArmedSignal[]): (told: Told) => () => void {
  return ({ deliver }) => {
    const undo = events.map((event) => {
      const name = event.calledAs as never;
      const listener = () => deliver({ ...event, leftMs: 0 });
      ownDeno()?.addSignalListener(name, listener);
      return () => ownDeno()?.removeSignalListener(name, listener);
    });
    return () => undo.forEach((take) => take());
  };
}

/** Whether the event makes the process stop. If the process goes on, its handler must return, to receive the next event. */
function ends({ goal }: ArmedSignal): boolean {
  return goal === "exit" || goal === "restart" || goal === "stop";
}

/** The event without the runtime's name for it: it came from Windows, not from the runtime. */
function toldByWindows({ calledAs: _, ...signal }: ArmedSignal): ArmedSignal {
  return signal;
}
