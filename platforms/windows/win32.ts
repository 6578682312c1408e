/**
 * The few calls of Windows that the platform makes, by whatever the runtime calls foreign functions with: koffi on
 * Node, `Deno.dlopen`, `bun:ffi`.
 * @module
 */
import type { ProcessLike } from "../process/process_like.ts";
import { loadKernel } from "./kernel.ts";
import { takeEvents, waitFor } from "./threads.ts";

/** An object of Windows, as any thread of this process names it. */
export type Handle = bigint;

/** What is called of Windows, and nothing more. */
export interface Win32 {
  /** The event of that name, in whatever process; undefined where there is none, or no right to it. */
  openEvent(name: string): Handle | undefined;
  /**
   * Makes an event, not set. A `manual` one stays set for all who wait until it is reset; another lets one through.
   * Undefined where Windows refuses, as where an object of another kind has the name.
   */
  createEvent(name: string | undefined, manual: boolean): Handle | undefined;
  /** Sets an event; false where Windows refuses. */
  setEvent(event: Handle): boolean;
  /** Resets an event; false where Windows refuses. */
  resetEvent(event: Handle): boolean;
  /** Lets go of a handle, which nobody may be waiting for; false where Windows refuses. */
  closeHandle(handle: Handle): boolean;
  /**
   * Waits on a thread of its own, and tells the index of each event that was set but the first, which ends it.
   * Rejects where Windows does not wait.
   */
  waitFor(events: readonly Handle[], told: (index: number) => void): Promise<void>;
  /**
   * Takes console events on a thread of its own, and tells of each. The thread of Windows that brought one of `held` is
   * held until the process ends: when it returns, Windows ends the process. Resolves to the way to let them go; rejects
   * where the runtime cannot.
   */
  takeEvents(
    events: readonly number[],
    options: { readonly held: readonly number[]; readonly told: (event: number) => void },
  ): Promise<() => void>;
}

/** The names of the calls. */
export const callNames: readonly (keyof Win32)[] = [
  "openEvent",
  "createEvent",
  "setEvent",
  "resetEvent",
  "closeHandle",
  "waitFor",
  "takeEvents",
];

// https://learn.microsoft.com/en-us/windows/win32/sync/synchronization-object-security-and-access-rights
const synchronizeAndModify = 0x0010_0002;

/**
 * The calls, on the runtime of this process.
 * @throws {Error} where the runtime cannot call Windows, saying what is missing.
 */
export function win32(process: ProcessLike): Win32 {
  const kernel = loadKernel(process);
  const { symbols } = kernel;
  return {
    openEvent: (name) => handleOf(symbols.OpenEventW(synchronizeAndModify, 0, wide(name))),
    createEvent: (name, manual) =>
      handleOf(symbols.CreateEventW(null, manual ? 1 : 0, 0, name === undefined ? null : wide(name))),
    setEvent: (event) => symbols.SetEvent(event) !== 0,
    resetEvent: (event) => symbols.ResetEvent(event) !== 0,
    closeHandle: (handle) => symbols.CloseHandle(handle) !== 0,
    waitFor: (events, told) => waitFor(process, kernel, { events, told }),
    takeEvents: (events, options) => takeEvents(process, kernel, { events, ...options }),
  };
}

function handleOf(answer: number | bigint): Handle | undefined {
  const handle = BigInt(answer);
  return handle === 0n ? undefined : handle;
}

/** A text as Windows reads it: UTF-16, with a zero behind it. */
function wide(text: string): Uint8Array {
  const units = Uint16Array.from(`${text}\0`, (one) => one.charCodeAt(0));
  return new Uint8Array(units.buffer);
}
