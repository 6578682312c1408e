/**
 * Finds listeners of other code for the signals that stop the bus. Such a listener may end the process before the bus has
 * stopped.
 * @module
 */
import { callingPlace, functionPlace, type Origin, originOfPlace } from "./function_origin.ts";
import type { ProcessLike } from "./process_like.ts";

/** The warning about a listener of other code: the message, and the same as data. */
export interface ForeignListener {
  readonly message: string;
  /** The signal that it listens for. */
  readonly signal: string;
  /** Its name, its package and its place in the source, as far as the runtime tells. */
  readonly listener: Origin & { readonly name?: string };
}

/** Watches for listeners of other code. */
export interface ForeignListeners {
  /** Warns of every listener that was added since the last call. */
  look(): void;
  /** Stops watching. */
  rest(): void;
}

/** Warns of every listener of `names` that is not one of `own`, each once. */
export function foreignListeners(
  process: ProcessLike,
  names: readonly string[],
  options: { readonly own: ReadonlySet<unknown>; readonly warn: (found: ForeignListener) => void },
): ForeignListeners {
  const known = new Set(options.own);
  // The source place of each listener that is added while the bus is attached, from the stack of that call.
  const places = new WeakMap<object, string>();
  const onNew = (name: unknown, listener: unknown) => {
    if (!names.includes(name as string) || options.own.has(listener)) return;
    const place = callingPlace();
    if (place !== undefined) places.set(listener as object, place);
  };
  process.on("newListener", onNew);
  return {
    look() {
      for (const signal of names) {
        for (const listener of process.listeners(signal)) {
          if (known.has(listener)) continue;
          known.add(listener);
          const place = places.get(listener as object) ?? functionPlace(process, listener);
          const found = describe(listener, place);
          if (!isHarmless(listener, found)) options.warn(told(signal, found));
        }
      }
    },
    rest: () => void process.off("newListener", onNew),
  };
}

function describe(listener: unknown, place: string | undefined): ForeignListener["listener"] {
  const name = (listener as { readonly name?: unknown }).name;
  // The name of a bound function begins with "bound ".
  const known = typeof name === "string" ? name.replace(/^(bound )+/, "") : "";
  return { ...(known !== "" && { name: known }), ...originOfPlace(place) };
}

/**
 * Whether a listener never ends the process while the bus listens too. `signal-exit` does nothing if there are other
 * listeners, and `death` only calls a function of the program. Both are found by their package or, since they are often
 * bundled, by their source.
 */
function isHarmless(listener: unknown, { package: of }: Origin): boolean {
  if (of === "signal-exit" || of === "death") return true;
  const source = String(listener);
  return /\blisteners\b[^;{}]*\.length\s*===/.test(source) || /\bargs\.unshift\(key\)/.test(source);
}

function told(signal: string, listener: ForeignListener["listener"]): ForeignListener {
  const { name, package: of, place } = listener;
  const parts = [
    of === undefined ? undefined : `the package "${of}"`,
    name === undefined ? undefined : `the function ${name}()`,
    place === undefined ? undefined : `at ${place}`,
  ].filter((part) => part !== undefined);
  const who = parts.length > 0
    ? parts.join(", ")
    : "a function without a name, whose place this runtime does not tell";
  return {
    message:
      `Somebody else listens for ${signal} too, and may end the process before the bus has stopped: ${who}. ` +
      `Switch that listener off, and do its clean-up in a listener of the bus's "stop"`,
    signal,
    listener,
  };
}
