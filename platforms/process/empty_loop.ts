/**
 * The natural end of a program that does not wait in `block()`: its event loop runs empty.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";
import type { Source } from "./source.ts";

/** An event loop that runs empty asks for an exit. The stop has timers, and so a loop to run in. */
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
