/**
 * A Durable Object with a bus of its own.
 * @module
 */
import { checkFunction } from "../../src/check.ts";
import { TraitError } from "../../src/errors.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { type Gate, gate } from "../serverless.ts";

/** The members of the state of an object that are used here. */
export interface DurableStateLike {
  /** Holds back all other events of the object until the promise settles; if it rejects, the object is made anew. */
  blockConcurrencyWhile(body: () => Promise<unknown>): Promise<unknown>;
}

const ACTION = "Cannot make the Durable Object's bus";

/**
 * Starts the bus of a Durable Object, from its constructor: workerd holds back all events of the object until the bus
 * runs. If the start fails, workerd drops the object, and makes another one for the next event. Returns the gate, for
 * events that need its `run`.
 *
 * @throws {TypeError} If `state` is not that of a Durable Object, or the platform of the bus is no serverless one.
 * @throws {TraitError} If that platform was not made by `cloudflare({ durable: true })`.
 *
 * @example
 * ```ts ignore
 * export class Room extends DurableObject {
 *   readonly #bus = new ProcessBus({ platform: cloudflare({ durable: true }) });
 *   readonly #members = this.#bus.use({ name: "members", start: () => this.ctx.storage.list() });
 *
 *   constructor(state: DurableObjectState, env: Env) {
 *     super(state, env);
 *     durable(this.#bus, state);
 *   }
 *
 *   fetch() {
 *     return Response.json([...this.#members.value.keys()]);
 *   }
 * }
 * ```
 */
export function durable<C extends object>(bus: ProcessBus<C>, state: DurableStateLike): Gate {
  const own = gate(bus);
  const { ioOutsideRequests } = bus.platform.traits;
  if (!ioOutsideRequests) {
    const message = `${ACTION}: its platform is a Worker's, expected cloudflare({ durable: true })`;
    throw new TraitError("ioOutsideRequests", true, ioOutsideRequests, message);
  }
  checkFunction(ACTION, "state.blockConcurrencyWhile", state?.blockConcurrencyWhile);
  // workerd acts upon a rejection, and the bus has logged the reason.
  state.blockConcurrencyWhile(async () => {
    await own.ready({ kind: "durable" });
  }).catch(() => {});
  return own;
}
