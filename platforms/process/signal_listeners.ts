/**
 * The bus's listeners for the signals of its process.
 * @module
 */
import type { ProcessLike, ProcessListener } from "./process_like.ts";
import type { ArmedSignal } from "./signal_table.ts";

/** The signal listeners of a bus. */
export interface SignalListeners {
  /** The functions that were added. */
  readonly listeners: ReadonlySet<unknown>;
  /** Removes the listeners; the runtime handles the signals again. */
  disarm(): void;
}

/**
 * Adds the bus's listeners before all others. If a listener of other code ends the process, the bus then already knows of the
 * signal, and its log can say what is lost.
 * @throws {Error} If the runtime does not take one of the signals; the message names it.
 */
export function armSignals(
  process: ProcessLike,
  signals: readonly ArmedSignal[],
  deliver: (signal: ArmedSignal) => void,
): SignalListeners {
  const listeners = new Map<ProcessListener, string>();
  const stayFirst = (name: unknown) => {
    const listener = [...listeners].find(([, of]) => of === name)?.[0];
    // It is told of before the new listener is there.
    if (listener !== undefined) {
      queueMicrotask(() => listeners.has(listener) && moveFirst(process, name as string, listener));
    }
  };
  const disarm = () => {
    process.off("newListener", stayFirst);
    listeners.forEach((name, listener) => void process.off(name, listener));
    listeners.clear();
  };
  for (const signal of signals) {
    const name = runtimeName(signal);
    const listener = () => deliver(signal);
    try {
      tryOut(process, name);
      addFirst(process, name, listener);
    } catch (cause) {
      disarm();
      throw new Error(`Cannot listen for the signal "${name}": the runtime does not take it`, { cause });
    }
    listeners.set(listener, name);
  }
  process.on("newListener", stayFirst);
  return { listeners: new Set(listeners.keys()), disarm };
}

/** Returns the name that the runtime has for a signal. */
export function runtimeName({ name, calledAs = name }: ArmedSignal): string {
  return calledAs;
}

/** A process id that no process has. */
const NOBODY = 2 ** 31 - 1;

/** Throws if the runtime would accept a listener for the signal, but never call it. */
function tryOut(process: ProcessLike, name: string): void {
  if (process.versions["deno"] !== undefined && name === "SIGBUS") {
    throw new Error("Deno calls the listener once, and the next signal ends it");
  }
  if (process.versions["bun"] === undefined) return;
  try {
    process.kill(NOBODY, name);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ESRCH") throw error;
  }
}

/** Puts it before a listener that others have put before it. Deno puts none before another. */
function moveFirst(process: ProcessLike, name: string, listener: ProcessListener): void {
  if (process.versions["deno"] !== undefined || process.listeners(name)[0] === listener) return;
  process.off(name, listener);
  process.prependListener(name, listener);
}

function addFirst(process: ProcessLike, name: string, listener: ProcessListener): void {
  if (process.versions["deno"] === undefined) {
    process.prependListener(name, listener);
    return;
  }
  // On Deno, signal listeners are called in the order of their addition, even those of `prependListener`.
  const others = (process.rawListeners?.(name) ?? process.listeners(name)) as ProcessListener[];
  process.on(name, listener);
  for (const other of others) {
    process.off(name, other);
    process.on(name, other);
  }
}
