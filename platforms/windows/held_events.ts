/**
 * Console events that no runtime holds. After them, Windows ends the process as soon as its handlers have returned. If they
 * ask for the end, a thread of the platform holds the handler until the bus has exited.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import { ownDeno } from "../process/deno_like.ts";
import type { Source, Told } from "../process/source.ts";
import type { ArmedSignal } from "../process/signal_table.ts";
import { eventNumber } from "./console_events.ts";
import type { Win32 } from "./win32.ts";

/** How they are held. */
export interface HeldEventsOptions {
  /** Makes the calls of Windows; throws if the runtime cannot call Windows. */
  readonly calls: () => Win32;
  /** The beginning of the warning if they cannot be held; the reason follows. */
  readonly without: string;
  /** Listens in another way if they cannot be held; returns its undo. */
  readonly instead?: (told: Told) => () => void;
}

/** Makes the source of them. */
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
            // This event came from Windows and not from the runtime.
            if (found !== undefined) deliver(toldByWindows(found));
          },
        });
      } catch (error) {
        control.log(`${without}: ${textOf(error)}`, { level: "warn", event: "event-unheard", error });
        release = instead?.(told);
      }
      if (released) release?.();
    },
    // They are held until the process ends, as signals stay armed, so that none of them cuts the last of its output.
    release() {
      released = true;
      release?.();
    },
  };
}

/** Listens by Deno, which returns to Windows at once: only what is done at once is done. */
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

/** Whether the process stops by this event. A process that goes on must hear the next one, so that Windows is not held. */
function ends({ goal }: ArmedSignal): boolean {
  return goal === "exit" || goal === "restart" || goal === "stop";
}

function toldByWindows({ calledAs: _, ...signal }: ArmedSignal): ArmedSignal {
  return signal;
}
