/**
 * The natural end of a program that does not wait in `block()`: its event loop runs empty.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";
import type { Source } from "./source.ts";

/** Makes a source that asks for an exit when the event loop is empty. The stop has timers, which keep the loop alive until it is done. */
export function emptyLoop(process: ProcessLike): Source {
  let leave = () => {};
  return {
    attach({ control }) {
      const onEmpty = () => control.request("exit", { by: "host", name: "beforeExit" });
      process.on("beforeExit", onEmpty);
      leave = () => void process.off("beforeExit", onEmpty);
    },
    leave: () => leave(),
  };
}
