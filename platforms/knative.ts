/**
 * The platform of Knative's functions, which `faas-js-runtime` serves: it calls `init` before it listens, and `shutdown`
 * on SIGTERM.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { knative, knativeFunction } from "@sitebus/sitebus/knative";
 *
 * const bus = new ProcessBus({ platform: knative() });
 * const db = bus.use({ name: "db", start: () => connect(), stop: (db) => db.end() });
 *
 * export const { init, handle, shutdown, readiness } = knativeFunction(bus, (context, data) => db.value.items());
 * ```
 * @module
 */
import { FAILED } from "../src/exit_codes.ts";
import { openAnswers } from "./knative/open_answers.ts";
import { endNow } from "./process/ending.ts";
import { calledToEnd, type HostCalledPlatform } from "./serverless/called_to_end.ts";
import { processHost, type ProcessHostOptions } from "./serverless/process_host.ts";

export {
  type KnativeAnswer,
  type KnativeFunction,
  knativeFunction,
  type ReplyLike,
} from "./knative/knative_function.ts";
export type { ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { HostCalledPlatform } from "./serverless/called_to_end.ts";
export type { HostOptions, ProcessHostOptions } from "./serverless/process_host.ts";
export type { InvocationContext, ServerlessChannels, ServerlessPlatform } from "./serverless.ts";

/** The options of the Knative platform. */
export interface KnativeOptions extends ProcessHostOptions {
  /**
   * Milliseconds from SIGTERM until the pod is killed. Default 30 000, as Kubernetes does; Knative gives a pod as many
   * seconds as its revision's `timeoutSeconds` says, by default 300.
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   */
  readonly graceMs?: number;
}

/**
 * Makes the Knative platform for one bus. The host has the signals, and calls `process.exit(0)` after its shutdown,
 * whatever came of it; if the bus has another exit code, the process ends with that. An uncaught error makes the host
 * shut down without a word: here it is logged, and the exit code is 70. If the bus exits by itself, the process ends once
 * all answers are sent, so that Kubernetes starts another.
 *
 * @throws {Error} If the runtime has no process.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a time is no number of milliseconds.
 */
export function knative(options: KnativeOptions = {}): HostCalledPlatform {
  const host = processHost(options, { name: "Knative", graceMs: 30_000 });
  const { process, graceMs } = host;
  let undo = () => {};
  let sent = (_ms: number) => Promise.resolve();
  const platform = host.platform({
    traits: { notice: { kind: "shutdown", graceMs } },
    attach(control) {
      const seen = (error: unknown, origin: unknown) => {
        const kind = origin === "unhandledRejection" ? "rejection" : "exception";
        const message = kind === "exception" ? "Nobody caught an error" : "Nobody handled a rejection";
        control.log(message, { event: "uncaught", level: "error", kind, error });
        control.request("exit", { by: "error", code: FAILED, error });
      };
      const answers = openAnswers(process);
      sent = answers.settle;
      // A monitor sees the error, and changes nothing about what the runtime does with it.
      process.on("uncaughtExceptionMonitor", seen);
      undo = () => {
        process.off("uncaughtExceptionMonitor", seen);
        answers.forget();
      };
    },
    async leave({ code, leftMs }) {
      undo();
      // A code that the program has set counts where the bus has none.
      const exitCode = process.exitCode = code || process.exitCode;
      // Runs within the host's `process.exit(0)`, and has the last word.
      process.on("exit", () => {
        process.exitCode = exitCode;
      });
      await sent(leftMs);
    },
  });
  return calledToEnd(platform, (outcome) => void endNow(process, outcome));
}
