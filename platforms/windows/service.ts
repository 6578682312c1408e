/**
 * Ways in which service wrappers ask a process to stop without a console event.
 * @module
 */
import type { ProcessLike, ProcessListener } from "../process/process_like.ts";
import type { Source } from "../process/source.ts";

/** How a service wrapper asks for a stop. */
export interface ServiceOptions {
  /** The wrapper closes the standard input. The input is then read and dropped. Default false. */
  readonly stdin?: boolean;
  /** The wrapper sends the message `"shutdown"` over IPC, as pm2 does. Default false. */
  readonly message?: boolean;
}

/** Makes a source for which the message `"shutdown"` asks for an exit, as pm2 sends it. @see https://pm2.io/docs/runtime/best-practices/graceful-shutdown/ */
export function shutdownMessage(process: ProcessLike): Source {
  let leave = (_why: "restart" | "end") => {};
  return {
    attach({ control }) {
      const listener: ProcessListener = (message) => {
        if (message === "shutdown") control.request("exit", { by: "host", name: "shutdown" });
      };
      process.on("message", listener);
      leave = (why) => {
        process.off("message", listener);
        if (why === "end") return;
        const instead =
          'subscribe to "restart" with an exit code on which the wrapper starts the program anew';
        control.log(`The successor hears no message of the service wrapper: ${instead}`, {
          level: "warn",
          event: "successor-unheard",
        });
      };
    },
    leave: (why) => leave(why),
  };
}
