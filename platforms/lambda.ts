/**
 * The platform of AWS Lambda: the bus starts while the process is initialized, and stops on the SIGTERM that comes
 * where an extension has registered, as this platform does. For the official Node client, Managed Instances, the loop
 * of a custom runtime on Node, Deno or Bun, and external extensions.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { awsLambda, lambda } from "@sitebus/sitebus/lambda";
 *
 * const bus = new ProcessBus({ platform: awsLambda() });
 * const db = bus.use({ name: "db", start: () => new Map([["1", "a book"]]), stop: (items) => items.clear() });
 *
 * export const handler = await lambda(bus, ({ id }: { id: string }) => db.value.get(id));
 * ```
 * @module
 */
import { checkKeys, checkMs, checkName } from "../src/check.ts";
import type { Control, Platform } from "../src/platform.ts";
import { LambdaHost, markPlatform, withoutExtension } from "./lambda/lambda_host.ts";
import { joinMainThread, type ThreadLink, threadsOf } from "./lambda/thread_link.ts";
import { endNow, type EndOptions, endSoon } from "./process/ending.ts";
import { ownProcess, type ProcessLike } from "./process/process_like.ts";
import { standardError } from "./process/report_line.ts";
import { serverless, type ServerlessPlatform } from "./serverless.ts";
import { HOST_OPTIONS, type HostOptions } from "./serverless/host_options.ts";
import { signalled } from "./serverless/signalled.ts";

export type { ExtensionEvent, ExtensionEventName } from "./lambda/extension.ts";
export { type ExternalExtensionOptions, runLambdaExtension } from "./lambda/external_extension.ts";
export {
  lambda,
  type LambdaContextLike,
  type LambdaFunction,
  type LambdaStream,
  lambdaStream,
  lambdaSync,
  type ResponseStreamLike,
} from "./lambda/lambda_function.ts";
export type { HostOptions } from "./serverless/host_options.ts";
export { type LambdaLoopOptions, type LoopContext, runLambdaLoop } from "./lambda/lambda_loop.ts";
export { lambdaMainThread, type MainThreadOptions } from "./lambda/main_thread.ts";

/** What may be set of the platform of AWS Lambda. */
export interface AwsLambdaOptions extends HostOptions {
  /**
   * The name of the internal extension that makes SIGTERM arrive. Default "sitebus". `false`: none is registered, since
   * another one is there, or nothing has to be stopped.
   */
  readonly extension?: string | false;
  /**
   * Milliseconds from SIGTERM to SIGKILL. Default 500; with an external extension Lambda leaves 300.
   * @see https://github.com/aws-samples/graceful-shutdown-with-aws-lambda
   */
  readonly graceMs?: number;
  /** The process to be used instead of this one, for tests. */
  readonly process?: ProcessLike;
}

const action = "Cannot use the platform of AWS Lambda";

/**
 * Makes the platform of AWS Lambda for one bus. Nothing is asked of the host before the bus begins. Where
 * AWS_LAMBDA_MAX_CONCURRENCY is set, as on Managed Instances, the process is given many invocations at a time, and
 * is not frozen.
 *
 * @throws {Error} Where the runtime has no process.
 * @throws {TypeError} Where an option is unknown or of a wrong type.
 * @throws {RangeError} Where a time is no number of milliseconds.
 */
export function awsLambda(options: AwsLambdaOptions = {}): ServerlessPlatform {
  const { extension = "sitebus", graceMs = 500, process = ownProcess(action), ...rest } = options;
  checkKeys(action, rest, HOST_OPTIONS);
  checkMs(action, "graceMs", graceMs);
  if (extension !== false) checkName(action, extension);
  const plan = extension === false ? undefined : { name: extension, events: [], external: false };
  const host = new LambdaHost(process, plan);
  const { isMainThread } = threadsOf(process);
  const { isShared } = host;
  let link: ThreadLink | undefined;
  const platform = serverless({
    // The host calls one by one and tries again by itself, and its freeze may stop the clock that would tell a pause.
    ...!isShared && { retryDelay: 0 },
    ...rest,
    name: "AWS Lambda",
    traits: {
      concurrency: isShared ? "many" : "one",
      background: isShared ? "runs" : "frozen",
      notice: { kind: "SIGTERM", graceMs },
    },
    async attach(control) {
      if (isMainThread) await register(host, control);
      else link = joinMainThread(process, control);
    },
    leave(outcome) {
      host.leave(outcome.code);
      link?.leave(outcome);
    },
  });
  const made = { ...platform, defaults: { ...platform.defaults, ...!isShared && serial(platform, graceMs) } };
  if (!isMainThread) return markPlatform({ ...made, report: standardError(process) }, host);
  const ends = { action, process, signals: ["SIGTERM", "SIGINT"], graceMs } as const;
  return markPlatform(signalled(made, { ...ends, end: (_, options) => end(host, options) }), host);
}

/** Where nothing is in flight when SIGTERM comes, drain needs no time. A tenth is left for a slow machine. */
function serial({ defaults }: Platform, graceMs: number): Platform["defaults"] {
  const [drain, stop, exit] = [0.1 * graceMs, 0.6 * graceMs, 0.2 * graceMs];
  return { deadlines: { ...defaults?.deadlines, drain, stop, exit } };
}

async function register(host: LambdaHost, control: Control): Promise<void> {
  try {
    await host.register();
  } catch (error) {
    // A process that is nothing but an extension is nothing without it.
    if (host.plan?.external) throw error;
    control.log(withoutExtension(error), { level: "warn", error });
  }
}

/** Ends the process: by itself where the program asks for its invocations and nothing is late, else at once. */
function end(host: LambdaHost, options: EndOptions): () => void {
  const { process } = host;
  if (host.ownsLoop && options.late === undefined) return endSoon(process, options);
  // Last of what is done on its exit, which would be never over.
  if (!host.ownsLoop && exitHangs(host)) process.on("exit", () => void process.kill(process.pid, "SIGKILL"));
  return endNow(process, options);
}

/**
 * Whether `process.exit()` waits for the next invocation: the native part of the official client waits for it in a
 * thread that Node joins first. Its alternative client does not, nor does Bun.
 */
function exitHangs(host: LambdaHost): boolean {
  const { bun, deno } = host.process.versions;
  if (bun !== undefined || deno !== undefined) return false;
  return host.variable("AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1") !== "true";
}
