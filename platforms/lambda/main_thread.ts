/**
 * The main thread of a process of Lambda Managed Instances.
 * @module
 */
import { checkKeys, checkMs, checkName } from "../../src/check.ts";
import { webClock } from "../../src/web_clock.ts";
import { flushOutput } from "../process/flush_output.ts";
import { ownProcess } from "../process/process_like.ts";
import { standardError } from "../process/report_line.ts";
import { LambdaHost, withoutExtension } from "./lambda_host.ts";
import { threadsName, threadsOf } from "./thread_link.ts";

/** What may be set of the main thread. */
export interface MainThreadOptions {
  /** The name of the internal extension that makes SIGTERM arrive. Default "sitebus". `false`: another one is there. */
  readonly extension?: string | false;
  /** Milliseconds from SIGTERM to SIGKILL. Default 500. */
  readonly graceMs?: number;
}

const action = "Cannot prepare the main thread";

// What is kept of the notice for the way to the threads and for the end itself, in milliseconds.
const reserveMs = 40;

/**
 * Prepares the main thread of the official client on Lambda Managed Instances: registers the extension, and passes
 * SIGTERM on to the buses of all threads. The process ends once they have left. It has to be called and awaited before
 * the client starts its threads: put the call into a file, and that into `NODE_OPTIONS`, as in
 * `NODE_OPTIONS=--import=/var/task/main_thread.mjs`. In the threads, and elsewhere than on Managed Instances, it
 * does nothing.
 *
 * @throws {TypeError} Where an option is unknown or of a wrong type.
 * @throws {RangeError} Where `graceMs` is no number of milliseconds.
 *
 * @example
 * ```ts
 * import { lambdaMainThread } from "@sitebus/sitebus/lambda";
 *
 * await lambdaMainThread();
 * ```
 */
export async function lambdaMainThread(options: MainThreadOptions = {}): Promise<void> {
  checkKeys(action, options, ["extension", "graceMs"]);
  const { extension = "sitebus", graceMs = 500 } = options;
  checkMs(action, "graceMs", graceMs);
  if (extension !== false) checkName(action, extension);
  const process = ownProcess(action);
  const host = new LambdaHost(
    process,
    extension === false ? undefined : { name: extension, events: [], external: false },
  );
  const threads = threadsOf(process);
  if (!threads.isMainThread || !host.isShared) return;

  const report = standardError(process);
  const warn = (message: string) =>
    report({ time: webClock.time(), level: "warn", message, bus: "main thread" });
  const channel = new threads.BroadcastChannel(threadsName);
  channel.unref();
  const joined = new Set<number>();
  let ending = false;
  let disarm = () => {};
  let until = 0;
  const end = async () => {
    disarm();
    // What the threads have written comes here first.
    await new Promise<void>((fire) => webClock.setTimer(0, fire));
    await flushOutput(process, Math.max(0, until - webClock.now()));
    // As in one thread, an exit would wait for the next invocation.
    process.kill(process.pid, "SIGKILL");
  };
  const exit = (name: string, number?: number) => {
    if (ending) return;
    ending = true;
    until = webClock.now() + graceMs - reserveMs / 4;
    const leftMs = Math.max(0, graceMs - reserveMs);
    channel.postMessage({ sitebus: "exit", name, ...number !== undefined && { number }, leftMs });
    if (joined.size === 0) return void end();
    disarm = webClock.setTimer(leftMs + reserveMs / 2, () => {
      warn(`The process is ended by force: ${joined.size} threads have not left their bus`);
      void end();
    });
  };
  channel.onmessage = ({ data }) => {
    if (data.sitebus === "joined") joined.add(data.thread);
    if (data.sitebus !== "left") return;
    joined.delete(data.thread);
    if (!ending) {
      warn(`The bus of thread ${data.thread} has left with ${data.code}: the others stop too`);
    }
    if (ending && joined.size === 0) void end();
    else exit(`thread ${data.thread}`);
  };
  process.on("SIGTERM", () => exit("SIGTERM", 15));
  threads.setEnvironmentData(threadsName, true);
  try {
    await host.register();
  } catch (error) {
    warn(withoutExtension(error));
  }
}
