/**
 * The ways of service wrappers to stop a process without a console event.
 * @module
 */
import type { ProcessLike, ProcessListener } from "../process/process_like.ts";
import type { Source } from "../process/source.ts";

/** What a wrapper does to ask for a stop. */
export interface ServiceOptions {
  /** The end of the standard input, which is read and dropped. Default false. */
  readonly stdin?: boolean;
  /** The message `"shutdown"` over IPC, as pm2 sends it. Default false. */
  readonly message?: boolean;
}

/** The message of pm2 asks for an exit. @see https://pm2.io/docs/runtime/best-practices/graceful-shutdown/ */
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
