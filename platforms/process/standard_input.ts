/**
 * The standard input: its end as a stop request, and letting go of it at the end of the bus.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { ProcessLike } from "./process_like.ts";
import type { Source } from "./source.ts";

/** The end of the standard input asks for an exit. What is read is dropped, unless somebody else reads it too. */
export function inputEnd(process: ProcessLike): Source {
  let leave = () => {};
  return {
    attach({ control }) {
      const end = () => control.request("exit", { by: "host", name: "stdin" });
      let failed = false;
      const fail = (error: unknown) => {
        if (failed) return;
        failed = true;
        control.log(`The end of the standard input is not heard: ${textOf(error)}`, {
          level: "warn",
          event: "input-unheard",
          error,
        });
      };
      try {
        // Only now: a process that does not ask for it opens none.
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
 * Lets the process end although somebody still reads the standard input. Returns what keeps reading all the same: on
 * Deno an asynchronous iteration over it cannot be ended.
 */
export function releaseInput(process: ProcessLike): string | undefined {
  try {
    if (!isInputOpen(process)) return undefined;
    const { stdin } = process;
    const isDeno = process.versions["deno"] !== undefined;
    if (isDeno && (stdin.listenerCount?.("readable") ?? 0) > 0) {
      return "the standard input, which is iterated over";
    }
    // Deno reads on unless it is paused; on Node and Bun the program may read until the process ends.
    if (isDeno) stdin.pause();
    stdin.unref?.();
  } catch {
    // There is none, and so nobody reads it.
  }
  return undefined;
}

/** Whether the standard input may be open: to look at it opens it, and Node knows without. */
function isInputOpen(process: ProcessLike): boolean {
  if (process.versions["deno"] !== undefined || process.versions["bun"] !== undefined) return true;
  return process._getActiveHandles?.().some((handle) => (handle as { readonly fd?: unknown }).fd === 0) ??
    false;
}
