/**
 * The bus's listeners for the signals of its process.
 * @module
 */
import type { ProcessLike, ProcessListener } from "./process_like.ts";
import type { ArmedSignal } from "./signal_table.ts";

/** The listeners, once they are there. */
export interface SignalListeners {
  /** All of them. */
  readonly listeners: ReadonlySet<unknown>;
  /** Takes them off; the signals are the runtime's again. */
  disarm(): void;
}

/**
 * Listens for the signals before everybody else, so that a listener of others that ends the process does so after the bus
 * has heard of the signal, and can say what is lost.
 * @throws {Error} If the runtime does not take one of them, naming it.
 */
export function armSignals(
  process: ProcessLike,
  signals: readonly ArmedSignal[],
  deliver: (signal: ArmedSignal) => void,
): SignalListeners {
  const listeners = new Map<ProcessListener, string>();
  const disarm = () => listeners.forEach((name, listener) => void process.off(name, listener));
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
  return { listeners: new Set(listeners.keys()), disarm };
}

/** What the runtime calls a signal. */
export function runtimeName({ name, calledAs = name }: ArmedSignal): string {
  return calledAs;
}

/** No process has this number. */
const NOBODY = 2 ** 31 - 1;

/** Throws what a runtime has against a signal, where it would accept a listener that never hears anything. */
function tryOut(process: ProcessLike, name: string): void {
  if (process.versions["deno"] !== undefined && name === "SIGBUS") {
    throw new Error("Deno hears it once, and is ended by the next one");
  }
  if (process.versions["bun"] === undefined) return;
  try {
    process.kill(NOBODY, name);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ESRCH") throw error;
  }
}

function addFirst(process: ProcessLike, name: string, listener: ProcessListener): void {
  if (process.versions["deno"] === undefined) {
    process.prependListener(name, listener);
    return;
  }
  // Deno calls the listeners of a signal in the order in which they were added, whatever is asked for.
  const others = (process.rawListeners?.(name) ?? process.listeners(name)) as ProcessListener[];
  process.on(name, listener);
  for (const other of others) {
    process.off(name, other);
    process.on(name, other);
  }
}
