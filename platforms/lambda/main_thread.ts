/**
 * The main thread of a process of Lambda Managed Instances.
 * @module
 */
import { checkKeys, checkMs } from "../../src/check.ts";
import type { LogDetails } from "../../src/bus.ts";
import { webClock } from "../../src/web_clock.ts";
import { flushOutput } from "../process/flush_output.ts";
import { ownProcess } from "../process/process_like.ts";
import { standardError } from "../process/report_line.ts";
import type { ServerlessRecord } from "../serverless/log_event.ts";
import { internalExtension, LambdaHost, unsignaled } from "./lambda_host.ts";
import { THREADS_NAME, threadsOf } from "./thread_link.ts";

/** The options of the main thread. */
export interface MainThreadOptions {
  /** The name of the internal extension that makes SIGTERM arrive. Default "sitebus". `false`: another extension is there. */
  readonly extension?: string | false;
  /** Milliseconds from SIGTERM to SIGKILL. Default 500. */
  readonly graceMs?: number;
}

const ACTION = "Cannot prepare the main thread";

/** Milliseconds of the notice that are kept for the way to the threads and for the end of the process. */
const RESERVE_MS = 40;

/**
 * Prepares the main thread of the official client on Lambda Managed Instances: registers the extension, and passes
 * SIGTERM on to the buses of all threads. The process ends once all of them have left. Call and await it before the
 * client starts its threads: put the call into a file, and name the file in `NODE_OPTIONS`, as in
 * `NODE_OPTIONS=--import=/var/task/main_thread.mjs`. In the threads, and elsewhere than on Managed Instances, it does
 * nothing.
 *
 * @throws {TypeError} If an option is unknown or of a wrong type.
 * @throws {RangeError} If `graceMs` is no number of milliseconds.
 *
 * @example
 * ```ts
 * import { lambdaMainThread } from "@sitebus/sitebus/lambda";
 *
 * await lambdaMainThread();
 * ```
 */
export async function lambdaMainThread(options: MainThreadOptions = {}): Promise<void> {
  checkKeys(ACTION, options, ["extension", "graceMs"]);
  const { extension, graceMs = 500 } = options;
  checkMs(ACTION, "graceMs", graceMs);
  const process = ownProcess(ACTION);
  const host = new LambdaHost(process, internalExtension(ACTION, extension));
  const threads = threadsOf(process);
  if (!threads.isMainThread || !host.isShared) return;

  const report = standardError(process);
  // There is no bus in this thread: each record goes straight to the standard error.
  const log = (message: string, details?: LogDetails) =>
    report({ level: "warn", ...details, time: webClock.time(), message, bus: "main thread" });
  const channel = new threads.BroadcastChannel(THREADS_NAME);
  channel.unref();
  const joined = new Set<number>();
  let ending = false;
  let disarm = () => {};
  let until = 0;
  const end = async () => {
    disarm();
    // The output of the threads arrives in this thread first.
    await new Promise<void>((fire) => webClock.setTimer(0, fire));
    await flushOutput(process, Math.max(0, until - webClock.now()));
    // An exit would wait for the next invocation.
    process.kill(process.pid, "SIGKILL");
  };
  const exit = (name: string, number?: number) => {
    if (ending) return;
    ending = true;
    until = webClock.now() + graceMs - RESERVE_MS / 4;
    const leftMs = Math.max(0, graceMs - RESERVE_MS);
    channel.postMessage({ sitebus: "exit", name, ...number !== undefined && { number }, leftMs });
    if (joined.size === 0) return void end();
    disarm = webClock.setTimer(leftMs + RESERVE_MS / 2, () => {
      log(`The process is ended by force: ${joined.size} threads have not left their bus`);
      void end();
    });
  };
  channel.onmessage = ({ data }) => {
    if (data.sitebus === "joined") joined.add(data.thread);
    if (data.sitebus !== "left") return;
    joined.delete(data.thread);
    if (!ending) {
      const { thread, code } = data;
      const details = { event: "thread", level: "warn", thread, code } satisfies ServerlessRecord;
      log(`The bus of thread ${thread} has left with ${code}: the others stop too`, details);
    }
    if (ending && joined.size === 0) void end();
    else exit(`thread ${data.thread}`);
  };
  process.on("SIGTERM", () => exit("SIGTERM", 15));
  threads.setEnvironmentData(THREADS_NAME, true);
  try {
    await host.register();
  } catch (error) {
    unsignaled({ log }, error);
  }
}
