/**
 * A library that listens for the signals itself may end the process under the bus.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

/**
 * Makes a check that warns of every listener of `names` that is not one of `own`, each once.
 */
export function foreignListeners(
  process: ProcessLike,
  names: readonly string[],
  options: { readonly own: ReadonlySet<unknown>; readonly warn: (message: string) => void },
): () => void {
  const known = new Set(options.own);
  return () => {
    for (const name of names) {
      for (const listener of process.listeners(name)) {
        if (known.has(listener)) continue;
        known.add(listener);
        options.warn(
          `Somebody else listens for ${name} too, and may end the process before the bus has stopped: ${
            told(listener)
          }`,
        );
      }
    }
  };
}

function told(listener: unknown): string {
  const source = String(listener).replaceAll(/\s+/g, " ");
  return source.length > 100 ? `${source.slice(0, 100)}…` : source;
}
