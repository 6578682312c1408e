/**
 * The console events after which Windows ends the process as soon as whoever listens has returned, while no runtime
 * holds them: a thread of ours does where they ask for the end, until the bus has exited and the process with it.
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
  /** Makes the calls of Windows; throws where that cannot be. */
  readonly calls: () => Win32;
  /** What is said where they cannot be held, before the reason. */
  readonly without: string;
  /** Listens in another way where they cannot be held; returns its undo. */
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
            // Windows itself told of it, and no runtime.
            if (found !== undefined) deliver(toldByWindows(found));
          },
        });
      } catch (error) {
        control.log(`${without}: ${textOf(error)}`, { level: "warn", event: "event-unheard", error });
        release = instead?.(told);
      }
      if (released) release?.();
    },
    // Until the process ends, as the signals stay armed: nothing is to cut the last of its output.
    release() {
      released = true;
      release?.();
    },
  };
}

/** Listens as Deno does: it returns to Windows at once, so that there is no time but for what is done at once. */
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

/** Whether the process is to stop by it; whoever goes on must hear the next event too, and Windows is not held. */
function ends({ goal }: ArmedSignal): boolean {
  return goal === "exit" || goal === "restart" || goal === "stop";
}

function toldByWindows({ calledAs: _, ...signal }: ArmedSignal): ArmedSignal {
  return signal;
}
