/**
 * The loop of a custom runtime of AWS Lambda: a program that asks for its invocations itself, on Deno, Bun or Node.
 * @module
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { checkFunction, checkKeys, show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import { FAILED } from "../../src/exit_codes.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type InvocationContext } from "../serverless.ts";
import type { ServerlessRecord } from "../serverless/log_event.ts";
import type { HostAnswer, Pieces } from "./host_request.ts";
import { initialize, type LambdaHost, realHostOf } from "./lambda_host.ts";
import { toldError, typeHeader } from "./told_error.ts";

/** The context that a loop passes to the body of an invocation; fields that the host does not tell are absent. */
export interface LoopContext {
  /** Its id. */
  readonly awsRequestId: string;
  /** The ARN it was invoked by. */
  readonly invokedFunctionArn: string;
  /** The name of the function. */
  readonly functionName: string;
  /** Its version. */
  readonly functionVersion: string;
  /** The memory it has, in MB. */
  readonly memoryLimitInMB: string;
  /** The log group that its output goes to. */
  readonly logGroupName: string;
  /** The stream in that group that the output of this environment goes to. */
  readonly logStreamName: string;
  /** The context that a client of the AWS SDK for mobile devices sent, as JSON. */
  readonly clientContext?: string;
  /** The Cognito identity that invoked it, as JSON. */
  readonly identity?: string;
  /** Milliseconds until Lambda cuts the invocation. */
  getRemainingTimeInMillis(): number;
}

/** The options of a loop. */
export interface LambdaLoopOptions {
  /** How many invocations the loop takes at a time. Default: AWS_LAMBDA_MAX_CONCURRENCY, else 1. */
  readonly concurrency?: number;
}

const ACTION = "Cannot run a loop of AWS Lambda";

const ROOT = "/2018-06-01/runtime/invocation";

/**
 * Takes one invocation after the other, until the bus exits; resolves to the exit code, once the bus has left. The bus
 * starts before the first invocation is asked for. An answer is sent as JSON; a stream, or any other async iterable of
 * bytes or strings, is sent piece by piece.
 *
 * @throws {TypeError} If the platform of the bus is not `awsLambda()`, or `body` is no function.
 * @throws {RangeError} If `concurrency` is no number of invocations.
 *
 * @example
 * ```ts ignore
 * // The program itself, named `bootstrap` by the layer or the image that has the runtime.
 * await runLambdaLoop(bus, async (event: { id: string }) => await db.value.get(event.id));
 * ```
 */
export async function runLambdaLoop<E, C extends object>(
  bus: ProcessBus<C>,
  body: (event: E, context: LoopContext, invocation: InvocationContext) => unknown,
  options: LambdaLoopOptions = {},
): Promise<number> {
  const host = realHostOf(ACTION, bus);
  checkFunction(ACTION, "body", body);
  checkKeys(ACTION, options, ["concurrency"]);
  const { concurrency = Number(host.variable("AWS_LAMBDA_MAX_CONCURRENCY") ?? 1) } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`${ACTION}: "concurrency" is ${show(concurrency)}, expected a number from 1 on`);
  }
  host.ownsLoop = true;
  await initialize(bus, host);
  const serve = async () => {
    while (!host.ended.aborted) {
      const next = await nextInvocation(host);
      if (next === undefined) break;
      await answer(bus, host, next, body as (...args: unknown[]) => unknown);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, serve));
  } catch (error) {
    const details = { event: "host", level: "error", error } satisfies ServerlessRecord;
    bus.log(`The loop ends: ${textOf(error)}`, details);
    await bus.exit(FAILED).catch(() => {});
  }
  return await host.left;
}

/** Waits for an invocation; undefined if the bus has left. */
async function nextInvocation({ ask, ended }: LambdaHost): Promise<HostAnswer | undefined> {
  try {
    const next = await ask({ method: "GET", path: `${ROOT}/next`, signal: ended });
    if (next.status === 200) return next;
    throw new Error(`the host answered ${next.status}: ${next.text}`);
  } catch (error) {
    if (ended.aborted) return undefined;
    throw new Error(`Cannot get an invocation: ${textOf(error)}`, { cause: error });
  }
}

/** Calls the body, and sends what it returns or throws. */
async function answer<C extends object>(
  bus: ProcessBus<C>,
  host: LambdaHost,
  next: HostAnswer,
  body: (...args: unknown[]) => unknown,
): Promise<void> {
  const context = contextOf(host, next);
  const id = context.awsRequestId;
  const deadline = Number(next.header("lambda-runtime-deadline-ms"));
  setTrace(host, next);
  const path = `${ROOT}/${id}`;
  try {
    const send = async (headers: Record<string, string>, body: string | Pieces) => {
      const { status, text } = await host.ask({ method: "POST", path: `${path}/response`, headers, body });
      if (status >= 400) throw new Error(`Cannot answer: the host answered ${status}: ${text}`);
    };
    const whole = await gate(bus).run({ id, kind: "invocation", deadline }, async (more) => {
      const value = await body(JSON.parse(next.text), context, more);
      const pieces = piecesOf(value);
      if (pieces === undefined) return { value };
      // The body goes on while its pieces are sent.
      await send(STREAM_TYPE, pieces);
    });
    if (whole) await send(JSON_TYPE, JSON.stringify(whole.value) ?? "null");
  } catch (error) {
    const details = { event: "invocation", level: "error", invocation: id, error } satisfies ServerlessRecord;
    bus.log(`The invocation "${id}" failed: ${textOf(error)}`, details);
    const told = toldError(error);
    const headers = { ...JSON_TYPE, "Lambda-Runtime-Function-Error-Type": typeHeader(told) };
    await host.ask({ method: "POST", path: `${path}/error`, headers, body: JSON.stringify(told) });
  }
}

const JSON_TYPE = { "Content-Type": "application/json" };
const STREAM_TYPE = {
  "Content-Type": "application/octet-stream",
  "Lambda-Runtime-Function-Response-Mode": "streaming",
};

function piecesOf(value: unknown): Pieces | undefined {
  const isStream = typeof value === "object" && value !== null && Symbol.asyncIterator in value;
  return isStream ? value as Pieces : undefined;
}

function contextOf(host: LambdaHost, next: HostAnswer): LoopContext {
  const told = (name: string) => next.header(`lambda-runtime-${name}`);
  const known = (name: string) => host.variable(`AWS_LAMBDA_${name}`) ?? "";
  const deadline = Number(told("deadline-ms"));
  const [clientContext, identity] = [told("client-context"), told("cognito-identity")];
  return {
    awsRequestId: told("aws-request-id") ?? "",
    invokedFunctionArn: told("invoked-function-arn") ?? "",
    functionName: known("FUNCTION_NAME"),
    functionVersion: known("FUNCTION_VERSION"),
    memoryLimitInMB: known("FUNCTION_MEMORY_SIZE"),
    logGroupName: known("LOG_GROUP_NAME"),
    logStreamName: known("LOG_STREAM_NAME"),
    ...clientContext !== undefined && { clientContext },
    ...identity !== undefined && { identity },
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** Passes the trace id on, where the tracer of AWS looks for it, if there is one invocation at a time. */
function setTrace(host: LambdaHost, next: HostAnswer): void {
  if (host.isShared) return;
  const env = host.process.env as Record<string, string | undefined>;
  const trace = next.header("lambda-runtime-trace-id");
  if (trace === undefined) delete env["_X_AMZN_TRACE_ID"];
  else env["_X_AMZN_TRACE_ID"] = trace;
}
