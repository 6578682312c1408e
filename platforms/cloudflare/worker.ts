/**
 * A Worker behind the gate of a bus.
 * @module
 */
import type { Signal } from "../../src/internal.ts";
import { checkFunction, checkKeys } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type Invocation, type InvocationContext } from "../serverless.ts";
import { runOrRefuse } from "../serverless/run_or_refuse.ts";
import type { Unavailable } from "../serverless/unavailable.ts";

/** The consumer's own Request, where there is one. */
export type WorkerRequest = typeof globalThis extends { Request: { prototype: infer R } } ? R : object;

/** The consumer's own Response, where there is one. */
export type WorkerResponse = typeof globalThis extends { Response: { prototype: infer R } } ? R : object;

/** What is used of the context that workerd gives: an `ExecutionContext` is one. */
export interface WorkerContextLike {
  /** Keeps the request's context alive until the promise settles. */
  waitUntil(work: Promise<unknown>): void;
}

/** What workerd gives to `scheduled`. */
export interface ScheduledEventLike {
  /** The cron expression. */
  readonly cron: string;
  /** When it was due, in milliseconds since 1970. */
  readonly scheduledTime: number;
}

/** What workerd gives to `queue`. */
export interface MessageBatchLike {
  /** The name of the queue. */
  readonly queue: string;
  /** The messages. */
  readonly messages: readonly unknown[];
}

/** What a Worker does, by the kinds of its events; each gets what workerd gives, and the context of its invocation. */
export interface WorkerBodies<Env> {
  /** Answers a request. */
  fetch?(
    request: WorkerRequest,
    env: Env,
    context: WorkerContextLike,
    invocation: InvocationContext,
  ): WorkerResponse | Promise<WorkerResponse>;
  /** Does what a cron trigger is for. */
  scheduled?(
    event: ScheduledEventLike,
    env: Env,
    context: WorkerContextLike,
    invocation: InvocationContext,
  ): unknown;
  /** Takes a batch of messages. */
  queue?(
    batch: MessageBatchLike,
    env: Env,
    context: WorkerContextLike,
    invocation: InvocationContext,
  ): unknown;
  /** Takes what other Workers have logged. */
  tail?(
    events: readonly unknown[],
    env: Env,
    context: WorkerContextLike,
    invocation: InvocationContext,
  ): unknown;
  /** Takes a mail. */
  email?(message: object, env: Env, context: WorkerContextLike, invocation: InvocationContext): unknown;
}

/** What a module of a Worker exports as its default: of each kind that has a body. */
export interface WorkerExports<Env> {
  /** Answers a request; 503 where the bus does not come to run. */
  fetch(
    request: WorkerRequest,
    env: Env,
    context: WorkerContextLike,
  ): WorkerResponse | Promise<WorkerResponse>;
  /** Rejects where the bus does not come to run. */
  scheduled(event: ScheduledEventLike, env: Env, context: WorkerContextLike): void | Promise<void>;
  /** Rejects where the bus does not come to run, so that the queue delivers the batch again. */
  queue(batch: MessageBatchLike, env: Env, context: WorkerContextLike): void | Promise<void>;
  /** Rejects where the bus does not come to run. */
  tail(events: readonly unknown[], env: Env, context: WorkerContextLike): void | Promise<void>;
  /** Rejects where the bus does not come to run. */
  email(message: object, env: Env, context: WorkerContextLike): void | Promise<void>;
}

/** What a Worker exports, given its bodies: an optional one is optional here, too. */
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
 * Makes what a module of a Worker exports as its default. Each event waits until the bus has started; while it runs,
 * bodies are called at once. A request whose bus does not come to run is answered by 503; any other event is rejected,
 * so that workerd, and a queue, see that it failed.
 *
 * @throws {TypeError} Where a body is no function, a kind is unknown, or the platform of the bus is no serverless one.
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
    const isRequest = kind === "fetch";
    const run = isRequest ? runOrRefuse<unknown>(own, refuse) : own.run.bind(own);
    const call = (subject: object, env: unknown, context: WorkerContextLike) => {
      const invocation = isRequest ? new RequestEvent(subject, context) : new Event(kind, context);
      return run(invocation, (given) => body.call(bodies, subject, env, context, given));
    };
    return [kind, call];
  });
  return Object.fromEntries(wrapped) as WorkerOf<Env, B>;
}

function refuse({ status, headers, text }: Unavailable): Response {
  return new Response(text, { status, headers });
}

/** An event as an invocation. */
class Event implements Invocation {
  readonly kind: string;
  readonly #context: WorkerContextLike;

  constructor(kind: string, context: WorkerContextLike) {
    this.kind = kind;
    this.#context = context;
  }

  waitUntil(work: Promise<unknown>): void {
    this.#context.waitUntil(work);
  }
}

/** A request, whose signal is made by workerd when it is first asked for. */
class RequestEvent extends Event {
  readonly #request: object;

  constructor(request: object, context: WorkerContextLike) {
    super("fetch", context);
    this.#request = request;
  }

  get signal(): Signal {
    return (this.#request as { readonly signal: Signal }).signal;
  }
}
