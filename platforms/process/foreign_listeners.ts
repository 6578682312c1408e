/**
 * Others in the process that listen for the signals which end it: such a listener may end the process under the bus.
 * @module
 */
import { callingPlace, functionPlace, type Origin, originOfPlace } from "./function_origin.ts";
import type { ProcessLike } from "./process_like.ts";

/** What is said of a listener: the message, and the same as data. */
export interface ForeignListener {
  readonly message: string;
  /** The signal that it listens for. */
  readonly signal: string;
  /** Its name, its package and its place, as far as the runtime tells. */
  readonly listener: Origin & { readonly name?: string };
}

/** Watches for listeners of others. */
export interface ForeignListeners {
  /** Tells of every listener that is new. */
  look(): void;
  /** Watches no longer who adds some. */
  rest(): void;
}

/** Warns of every listener of `names` that is not one of `own`, each once. */
export function foreignListeners(
  process: ProcessLike,
  names: readonly string[],
  options: { readonly own: ReadonlySet<unknown>; readonly warn: (found: ForeignListener) => void },
): ForeignListeners {
  const known = new Set(options.own);
  // The stack tells who adds a listener, where it is added while the bus is attached.
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
  // A bound function says so in its name, and nothing else of itself.
  const known = typeof name === "string" ? name.replace(/^(bound )+/, "") : "";
  return { ...(known !== "" && { name: known }), ...originOfPlace(place) };
}

/**
 * `signal-exit` acts only where nobody else listens, and `death` only calls what the program gave it. Both are told by
 * their package, else by what they do, since they are often bundled.
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
