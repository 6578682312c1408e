/**
 * The few calls of Windows that the platform makes, by the foreign function interface of the runtime: koffi on Node,
 * `Deno.dlopen`, `bun:ffi`.
 * @module
 */
import type { ProcessLike } from "../process/process_like.ts";
import { loadKernel } from "./kernel.ts";
import { takeEvents, waitFor } from "./threads.ts";

/** A handle of an object of Windows, valid in every thread of this process. */
export type Handle = bigint;

/** The calls of Windows that the platform makes. */
export interface Win32 {
  /** Opens the event of that name, in whatever process; undefined if there is none, or no right to open it. */
  openEvent(name: string): Handle | undefined;
  /**
   * Makes an event that is not set. A `manual` event stays set, for all waiting threads, until it is reset; another event
   * releases one waiting thread and resets itself. Undefined if Windows refuses, for instance because an object of another
   * kind has the name.
   */
  createEvent(name: string | undefined, manual: boolean): Handle | undefined;
  /** Sets an event; false if Windows refuses. */
  setEvent(event: Handle): boolean;
  /** Resets an event; false if Windows refuses. */
  resetEvent(event: Handle): boolean;
  /** Closes a handle. No thread may wait for it any more. False if Windows refuses. */
  closeHandle(handle: Handle): boolean;
  /**
   * Waits on a thread of its own. Calls `told` with the index of each event that was set; the first event ends the wait
   * instead. Rejects if Windows does not wait.
   */
  waitFor(events: readonly Handle[], told: (index: number) => void): Promise<void>;
  /**
   * Takes console events on a thread of its own, and calls `told` with each. For the events of `held` the handler does not
   * return until the process ends, since Windows ends the process when it returns. Resolves to a function that releases the
   * events; rejects if the runtime cannot take them.
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
 * Makes the calls for the runtime of this process.
 * @throws {Error} If the runtime cannot call Windows; the message says what is missing.
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

/** Encodes a text as Windows reads it: UTF-16, with a zero at the end. */
function wide(text: string): Uint8Array {
  const units = Uint16Array.from(`${text}\0`, (one) => one.charCodeAt(0));
  return new Uint8Array(units.buffer);
}
