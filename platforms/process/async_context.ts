/**
 * Finds the phase in which a call was made, by the runtime's AsyncLocalStorage.
 * @module
 */
import type { Platform } from "../../src/platform.ts";
import { builtinModule, type ProcessLike } from "./process_like.ts";

/** Makes a context for one bus, so that two buses in one program do not mix. */
export function asyncContext(process: ProcessLike): NonNullable<Platform["context"]> {
  const storage = new (builtinModule(process, "node:async_hooks").AsyncLocalStorage)();
  return {
    run: (phase, body) => storage.run(phase, body),
    get: () => storage.getStore() as object | undefined,
  };
}

/** Makes a context on the runtime of this program; undefined if it has no AsyncLocalStorage. */
export function ownAsyncContext(): Platform["context"] {
  const { process } = globalThis as unknown as { readonly process?: ProcessLike };
  return typeof process?.getBuiltinModule === "function" ? asyncContext(process) : undefined;
}
