/**
 * The standard input: its end as a stop request, and its release at the end of the bus.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { ProcessLike } from "./process_like.ts";
import type { Source } from "./source.ts";

/** Makes a source for which the end of the standard input asks for an exit. The input is dropped, unless other code reads it too. */
export function inputEnd(process: ProcessLike): Source {
  let leave = () => {};
  return {
    attach({ control }) {
      const end = () => control.request("exit", { by: "host", name: "stdin" });
      let failed = false;
      const fail = (error: unknown) => {
        if (failed) return;
        failed = true;
        control.log(`Cannot wait for the end of the standard input: ${textOf(error)}`, {
          level: "warn",
          event: "input-unheard",
          error,
        });
      };
      try {
        // Not earlier: reading the property opens the standard input.
        const { stdin } = process;
        stdin.on("end", end);
        stdin.on("error", fail);
        stdin.resume();
        leave = () => {
          stdin.off("end", end);
          stdin.off("error", fail);
          stdin.pause();
          stdin.unref?.();
        };
      } catch (error) {
        fail(error);
      }
    },
    leave: () => leave(),
  };
}

/**
 * Lets the process end although other code still reads the standard input. On Deno an asynchronous iteration over the input
 * cannot be ended; the result then names it.
 */
export function releaseInput(process: ProcessLike): string | undefined {
  try {
    if (!isInputOpen(process)) return undefined;
    const { stdin } = process;
    const isDeno = process.versions["deno"] !== undefined;
    if (isDeno && (stdin.listenerCount?.("readable") ?? 0) > 0) {
      return "the standard input, which is iterated over";
    }
    // On Deno only a pause ends a pending read. On Node and Bun the program may read until the process ends.
    if (isDeno) stdin.pause();
    stdin.unref?.();
  } catch {
    // There is no standard input.
  }
  return undefined;
}

/** Whether the standard input may be open. Reading `process.stdin` would open it; Node can tell from its handles. */
function isInputOpen(process: ProcessLike): boolean {
  if (process.versions["deno"] !== undefined || process.versions["bun"] !== undefined) return true;
  return process._getActiveHandles?.().some((handle) => (handle as { readonly fd?: unknown }).fd === 0) ??
    false;
}
