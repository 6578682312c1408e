/**
 * The platform of Knative's functions: `faas-js-runtime`, which calls `init` before it listens and `shutdown` on SIGTERM.
 * @module
 */
import { checkKeys, checkMs } from "../../src/check.ts";
import { endNow } from "../process/ending.ts";
import { ownProcess, type ProcessLike } from "../process/process_like.ts";
import { standardError } from "../process/report_line.ts";
import { serverless, type ServerlessPlatform } from "../serverless.ts";
import { HOST_OPTIONS, type HostOptions } from "../serverless/host_options.ts";
import { type OpenAnswers, openAnswers } from "./open_answers.ts";

/** What may be set of the Knative platform. */
export interface KnativeOptions extends HostOptions {
  /**
   * Milliseconds from SIGTERM until the pod is killed. Default 30 000, as Kubernetes does; Knative gives a pod as many
   * seconds as its revision's `timeoutSeconds`, which are 300 where nobody says.
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   */
  readonly graceMs?: number;
  /** The process to be used instead of this one, for tests. */
  readonly process?: ProcessLike;
}

/** The Knative platform. */
export interface KnativePlatform extends ServerlessPlatform {
  /** Leaves the end of the process to the host, which has called `shutdown`. */
  leaveToHost(): void;
}

const action = "Cannot use the Knative platform";

/** What a process that failed exits with. */
const failed = 70;

/**
 * Makes the Knative platform for one bus. The host has the signals, and calls `process.exit(0)` whatever came of its
 * shutdown; where the bus has another code, the process ends with that. The host also takes an uncaught error for a
 * reason to shut down, and says nothing of it: here it is logged, and the code is 70. Where the bus exits by itself, the
 * process ends once what was answered is sent, so that Kubernetes starts another.
 *
 * @throws {Error} Where the runtime has no process.
 * @throws {TypeError} Where an option is unknown.
 * @throws {RangeError} Where a time is no number of milliseconds.
 */
export function knative(options: KnativeOptions = {}): KnativePlatform {
  const { graceMs = 30_000, process = ownProcess(action), ...others } = options;
  checkKeys(action, others, HOST_OPTIONS);
  checkMs(action, "graceMs", graceMs);
  let answers: OpenAnswers | undefined;
  let undo = () => {};
  let endsByHost = false;
  const platform = serverless({
    ...others,
    name: "Knative",
    traits: { notice: { kind: "shutdown", graceMs } },
    attach(control) {
      // A monitor sees the error, and changes nothing about what is done with it.
      const seen = (error: unknown) => {
        control.log("Nobody caught an error", { level: "error", error });
        control.request("exit", { by: "error", code: failed, error });
      };
      answers = openAnswers(process);
      process.on("uncaughtExceptionMonitor", seen);
      undo = () => void process.off("uncaughtExceptionMonitor", seen);
    },
    leave({ code }) {
      undo();
      answers?.forget();
      process.exitCode = code;
      // Runs within the host's `process.exit(0)`, and has the last word.
      process.on("exit", () => {
        process.exitCode = code;
      });
    },
  });
  return {
    ...platform,
    report: standardError(process),
    leaveToHost() {
      endsByHost = true;
    },
    async leave(outcome) {
      // The host ends the process as soon as it is told that the bus has left.
      await answers?.settle(outcome.leftMs);
      await platform.leave(outcome);
      if (!endsByHost) endNow(process, outcome);
    },
  };
}
