/**
 * A Worker behind the gate of a bus.
 * @module
 */
import { checkFunction, checkKeys } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type InvocationContext } from "../serverless.ts";
import { runOrRefuse } from "../serverless/run_or_refuse.ts";
import { refuseByResponse, WebInvocation } from "../serverless/web_invocation.ts";

/** The consumer's own Request, where there is one. */
export type WorkerRequest = typeof globalThis extends { Request: { prototype: infer R } } ? R : object;

/** The consumer's own Response, where there is one. */
export type WorkerResponse = typeof globalThis extends { Response: { prototype: infer R } } ? R : object;

/** The members of the context of an invocation that are used here: an `ExecutionContext` is one. */
export interface WorkerContextLike {
  /** Keeps the request's context alive until the promise settles. */
  waitUntil(work: Promise<unknown>): void;
}

/** The event that workerd passes to `scheduled`. */
export interface ScheduledEventLike {
  /** The cron expression. */
  readonly cron: string;
  /** When the event was due, in milliseconds since 1970. */
  readonly scheduledTime: number;
}

/** The batch that workerd passes to `queue`. */
export interface MessageBatchLike {
  /** The name of the queue. */
  readonly queue: string;
  /** The messages. */
  readonly messages: readonly unknown[];
}

/** The handlers of a Worker, by the kind of event; each gets what workerd passes, and the context of its invocation. */
export interface WorkerBodies<Env> {
  /** Answers a request. */
  fetch?(
    request: WorkerRequest,
    env: Env,
    context: WorkerContextLike,
    invocation: InvocationContext,
  ): WorkerResponse | Promise<WorkerResponse>;
  /** Handles a cron trigger. */
  scheduled?(
    event: ScheduledEventLike,
    env: Env,
    context: WorkerContextLike,
    invocation: InvocationContext,
  ): unknown;
  /** Handles a batch of messages. */
  queue?(
    batch: MessageBatchLike,
    env: Env,
    context: WorkerContextLike,
    invocation: InvocationContext,
  ): unknown;
  /** Handles what other Workers have logged. */
  tail?(
    events: readonly unknown[],
    env: Env,
    context: WorkerContextLike,
    invocation: InvocationContext,
  ): unknown;
  /** Handles a mail. */
  email?(message: object, env: Env, context: WorkerContextLike, invocation: InvocationContext): unknown;
}

/** The default export of the module of a Worker. */
export interface WorkerExports<Env> {
  /** Answers a request; 503 if the bus does not come to run. */
  fetch(
    request: WorkerRequest,
    env: Env,
    context: WorkerContextLike,
  ): WorkerResponse | Promise<WorkerResponse>;
  /** Rejects if the bus does not come to run. */
  scheduled(event: ScheduledEventLike, env: Env, context: WorkerContextLike): void | Promise<void>;
  /** Rejects if the bus does not come to run, so that the queue delivers the batch again. */
  queue(batch: MessageBatchLike, env: Env, context: WorkerContextLike): void | Promise<void>;
  /** Rejects if the bus does not come to run. */
  tail(events: readonly unknown[], env: Env, context: WorkerContextLike): void | Promise<void>;
  /** Rejects if the bus does not come to run. */
  email(message: object, env: Env, context: WorkerContextLike): void | Promise<void>;
}

/** The exports of a Worker that has these handlers; an optional handler makes an optional export. */
export type WorkerOf<Env, B> = {
  [K in keyof B as K extends keyof WorkerExports<Env> ? K : never]: WorkerExports<
    Env
  >[K & keyof WorkerExports<Env>];
};

type Body = (
  subject: object,
  env: unknown,
  context: WorkerContextLike,
  invocation: InvocationContext,
) => unknown;

const ACTION = "Cannot make the Worker";

const KINDS: readonly (keyof WorkerExports<unknown>)[] = ["fetch", "scheduled", "queue", "tail", "email"];

/**
 * Makes what the module of a Worker exports as its default. Each event waits until the bus has started; while the bus
 * runs, its handler is called at once. If the bus does not come to run, a request is answered by 503, and any other event
 * is rejected, so that workerd or the queue sees that it failed.
 *
 * @throws {TypeError} If a handler is no function, a kind is unknown, or the platform of the bus is no serverless one.
 *
 * @example
 * ```ts ignore
 * export default worker<Env>(bus, {
 *   fetch: (request, env, context, { signal }) => fetch(env.ORIGIN, { signal }),
 *   scheduled: (event) => clean(event.cron),
 * });
 * ```
 */
export function worker<
  Env = unknown,
  B extends WorkerBodies<Env> = WorkerBodies<Env>,
  C extends object = object,
>(
  bus: ProcessBus<C>,
  bodies: B,
): WorkerOf<Env, B> {
  const own = gate(bus);
  checkKeys(ACTION, bodies, KINDS);
  const given = Object.keys(bodies ?? {});
  if (given.length === 0) throw new TypeError(`${ACTION}: there is none of ${KINDS.join(", ")}`);
  const wrapped = given.map((kind) => {
    const body = bodies[kind as keyof B] as Body;
    checkFunction(ACTION, kind, body);
    const run = kind === "fetch" ? runOrRefuse<unknown>(own, refuseByResponse) : own.run.bind(own);
    const call = (subject: object, env: unknown, context: WorkerContextLike) =>
      run(
        new WebInvocation(kind, subject, context),
        (given) => body.call(bodies, subject, env, context, given),
      );
    return [kind, call];
  });
  return Object.fromEntries(wrapped) as WorkerOf<Env, B>;
}
