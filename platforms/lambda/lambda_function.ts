/**
 * The function that the official Node client of AWS Lambda calls.
 * @module
 */
import { checkFunction } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type Invocation, type InvocationContext } from "../serverless.ts";
import { hostOf, initialize, type LambdaHost, unsignaled } from "./lambda_host.ts";

/** The members of the context of an invocation that are used here. */
export interface LambdaContextLike {
  /** Its id. */
  readonly awsRequestId: string;
  /** Whether the client, up to Node 22, waits after a stream until nothing keeps the process alive. A bus may keep it alive. */
  callbackWaitsForEmptyEventLoop?: boolean;
  /** Milliseconds until Lambda cuts the invocation. */
  getRemainingTimeInMillis(): number;
}

/** The members of the stream of an answer that are used here. */
export interface ResponseStreamLike {
  /** Sends a piece. */
  write(piece: Uint8Array | string): boolean;
  /** Ends the answer. */
  end(): unknown;
  /** Sets the content type, before the first piece. */
  setContentType(type: string): void;
}

/** The function that the client calls for each invocation. */
export type LambdaFunction<E, R, C> = (event: E, context: C) => Promise<R>;

/** The function that the client calls if the answer is a stream. */
export type LambdaStream<E, S, C> = (event: E, stream: S, context: C) => Promise<void>;

const ACTION = "Cannot make a function of AWS Lambda";

/**
 * The marks that the client's own `awslambda.streamifyResponse` gives a function.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

/**
 * Makes the function that AWS Lambda calls, and starts the bus while the host initializes the process. The body gets the
 * event, the context, and the invocation as the bus sees it. If the bus does not run, the next invocation starts it; an
 * invocation that cannot be served rejects with `NotReadyError`, and AWS Lambda reports that.
 *
 * Await it at the top of the module, as here: only then is the extension registered in time.
 *
 * @throws {TypeError} If the platform of the bus is neither `awsLambda()` nor `testing()`, or `body` is no function.
 *
 * @example
 * ```ts ignore
 * export const handler = await lambda(bus, async (event: { id: string }) => await db.value.get(event.id));
 * ```
 */
export async function lambda<
  E,
  R,
  C extends LambdaContextLike = LambdaContextLike,
  X extends object = object,
>(
  bus: ProcessBus<X>,
  body: (event: E, context: C, invocation: InvocationContext) => R | Promise<R>,
): Promise<LambdaFunction<E, R, C>> {
  const [made, host] = wrapped(bus, body);
  await initialize(bus, host);
  return made;
}

/**
 * Makes the same function for a CommonJS module, which cannot wait: the bus starts on the first invocation. The extension
 * is registered before this returns, which takes some 50 ms more than in `lambda()`.
 *
 * @throws {TypeError} If the platform of the bus is neither `awsLambda()` nor `testing()`, or `body` is no function.
 *
 * @example
 * ```js ignore
 * exports.handler = lambdaSync(bus, async (event) => await db.value.get(event.id));
 * ```
 */
export function lambdaSync<
  E,
  R,
  C extends LambdaContextLike = LambdaContextLike,
  X extends object = object,
>(
  bus: ProcessBus<X>,
  body: (event: E, context: C, invocation: InvocationContext) => R | Promise<R>,
): LambdaFunction<E, R, C> {
  const [made, host] = wrapped(bus, body);
  try {
    host?.registerSync();
  } catch (error) {
    host!.plan = undefined;
    unsignaled(bus, error);
  }
  return made;
}

function wrapped<E, R, C extends LambdaContextLike, X extends object>(
  bus: ProcessBus<X>,
  body: (event: E, context: C, invocation: InvocationContext) => R | Promise<R>,
): [made: LambdaFunction<E, R, C>, host: LambdaHost | undefined] {
  const host = hostOf(ACTION, bus);
  checkFunction(ACTION, "body", body);
  if (STREAMING in body) throw new TypeError(`${ACTION}: the body streams its answer, use lambdaStream()`);
  const own = gate(bus);
  const made = async (event: E, context: C) =>
    await own.run(invocationOf(bus, context), (more) => body(event, context, more));
  return [made, host];
}

/**
 * Makes a function whose answer is a stream, and starts the bus as `lambda()` does. It needs no
 * `awslambda.streamifyResponse`.
 *
 * @throws {TypeError} If the platform of the bus is neither `awsLambda()` nor `testing()`, or `body` is no function.
 *
 * @example
 * ```ts ignore
 * export const handler = await lambdaStream(bus, async (event, stream) => {
 *   stream.setContentType("text/plain");
 *   for await (const line of db.value.lines()) stream.write(line);
 *   stream.end();
 * });
 * ```
 */
export async function lambdaStream<
  E,
  S extends ResponseStreamLike = ResponseStreamLike,
  C extends LambdaContextLike = LambdaContextLike,
  X extends object = object,
>(
  bus: ProcessBus<X>,
  body: (event: E, stream: S, context: C, invocation: InvocationContext) => void | Promise<void>,
  options: { readonly highWaterMark?: number } = {},
): Promise<LambdaStream<E, S, C>> {
  const host = hostOf(ACTION, bus);
  checkFunction(ACTION, "body", body);
  const own = gate(bus);
  const made = async (event: E, stream: S, context: C) =>
    await own.run(invocationOf(bus, context), async (more) => {
      await body(event, stream, context, more);
      await sent(stream);
    });
  const { highWaterMark } = options;
  Object.assign(made, { [STREAMING]: "response", ...highWaterMark && { [HIGH_WATER_MARK]: highWaterMark } });
  await initialize(bus, host);
  return made;
}

/** The further members of a stream of Node; the stream of a test may leave it out. */
interface NodeStreamLike extends ResponseStreamLike {
  readonly writableEnded?: boolean;
  readonly writableFinished?: boolean;
  readonly destroyed?: boolean;
  once?(name: "finish" | "close", listener: () => void): unknown;
}

/** Waits until an answer that was ended is with the host: a bus that exits may end the process before. */
async function sent(stream: NodeStreamLike): Promise<void> {
  if (!stream.writableEnded || stream.writableFinished || stream.destroyed) return;
  await new Promise<void>((done) => {
    stream.once?.("finish", done);
    stream.once?.("close", done);
  });
}

/** The context of an invocation; a test that calls the function may leave the context out. */
function invocationOf<C extends object>(
  { platform: { clock } }: ProcessBus<C>,
  context: LambdaContextLike | undefined,
): Invocation {
  if (typeof context?.getRemainingTimeInMillis !== "function") return { kind: "invocation" };
  if ("callbackWaitsForEmptyEventLoop" in context) context.callbackWaitsForEmptyEventLoop = false;
  return {
    id: context.awsRequestId,
    kind: "invocation",
    get deadline() {
      return clock.time() + context.getRemainingTimeInMillis();
    },
  };
}
