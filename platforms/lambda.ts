/**
 * The platform of AWS Lambda: the bus starts while the host initializes the process, and stops on SIGTERM, which Lambda
 * sends only if an extension has registered: this platform registers one. For the official Node client, Managed
 * Instances, the loop of a custom runtime on Node, Deno or Bun, and external extensions.
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
import type { Control } from "../src/platform.ts";
import { internalExtension, LambdaHost, markPlatform, unsignaled } from "./lambda/lambda_host.ts";
import { joinMainThread, type ThreadLink, threadsOf } from "./lambda/thread_link.ts";
import { endNow, type EndOptions, endSoon } from "./process/ending.ts";
import type { ServerlessPlatform } from "./serverless.ts";
import { processHost, type ProcessHostOptions } from "./serverless/process_host.ts";
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
export { type LambdaLoopOptions, type LoopContext, runLambdaLoop } from "./lambda/lambda_loop.ts";
export { lambdaMainThread, type MainThreadOptions } from "./lambda/main_thread.ts";
export type { HostOptions, ProcessHostOptions } from "./serverless/process_host.ts";

/** The options of the platform of AWS Lambda. */
export interface AwsLambdaOptions extends ProcessHostOptions {
  /**
   * The name of the internal extension that makes SIGTERM arrive. Default "sitebus". `false`: none is registered, because
   * another extension is there, or nothing has to be stopped.
   */
  readonly extension?: string | false;
  /**
   * Milliseconds from SIGTERM to SIGKILL. Default 500; with an external extension Lambda leaves 300.
   * @see https://github.com/aws-samples/graceful-shutdown-with-aws-lambda
   */
  readonly graceMs?: number;
}

/**
 * Makes the platform of AWS Lambda for one bus. Nothing is asked of the host before the bus begins. If
 * AWS_LAMBDA_MAX_CONCURRENCY is set, as on Managed Instances, the process gets many invocations at a time, and is not
 * frozen.
 *
 * @throws {Error} If the runtime has no process.
 * @throws {TypeError} If an option is unknown or of a wrong type.
 * @throws {RangeError} If a time is no number of milliseconds.
 */
export function awsLambda(options: AwsLambdaOptions = {}): ServerlessPlatform {
  const made = processHost(options, { name: "AWS Lambda", graceMs: 500, options: ["extension"] });
  const { action, process, graceMs } = made;
  const host = new LambdaHost(process, internalExtension(action, options.extension));
  const { isMainThread } = threadsOf(process);
  const { isShared } = host;
  let link: ThreadLink | undefined;
  const platform = made.platform({
    // The host calls one by one and tries again by itself, and its freeze may stop the clock that measures a pause.
    ...!isShared && { retryDelay: 0 },
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
  if (!isMainThread) return markPlatform(platform, host);
  return markPlatform(signalled(platform, made, { end: (_, ending) => end(host, ending) }), host);
}

async function register(host: LambdaHost, control: Control): Promise<void> {
  try {
    await host.register();
  } catch (error) {
    // A process that is nothing but an extension cannot do without it.
    if (host.plan?.external) throw error;
    unsignaled(control, error);
  }
}

/** Ends the process: by itself if the program asks for its invocations and nothing is late, else at once. */
function end(host: LambdaHost, ending: EndOptions): () => void {
  const { process } = host;
  if (host.ownsLoop && ending.late === undefined) return endSoon(process, ending);
  // This listener is the last one to run: the exit itself would hang.
  if (!host.ownsLoop && exitHangs(host)) process.on("exit", () => void process.kill(process.pid, "SIGKILL"));
  return endNow(process, ending);
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
