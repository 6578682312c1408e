/**
 * How service wrappers ask a process to stop where they send no console event.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { ProcessLike, ProcessListener } from "../process/process_like.ts";
import type { Source } from "../process/source.ts";

/** What of a wrapper is a stop request. */
export interface ServiceOptions {
  /** The end of the standard input, which is read and dropped. Default false. */
  readonly stdin?: boolean;
  /** The message `"shutdown"` over IPC, as pm2 sends it. Default false. */
  readonly message?: boolean;
}

/** The end of the standard input asks for an exit. */
export function inputEnd(process: ProcessLike): Source {
  let leave = () => {};
  return {
    attach({ control }) {
      const end = () => control.request("exit", { by: "host", name: "stdin" });
      let failed = false;
      const fail = (error: unknown) => {
        if (failed) return;
        failed = true;
        control.log(`The end of the standard input is not heard: ${textOf(error)}`, { level: "warn" });
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
        control.log(`The successor hears no message of the service wrapper: ${instead}`, { level: "warn" });
      };
    },
    leave: (why) => leave(why),
  };
}
