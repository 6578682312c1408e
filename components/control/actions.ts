/**
 * The actions that control can have a process do, each behind a right of its own.
 * @module
 */
import { isCode, show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import { defer, type Deferred } from "../../src/internal.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { type Goal, GOALS } from "../../src/states.ts";
import type { Counts } from "./counts.ts";
import type { Pool } from "../units/pool_value.ts";
import { poolsOf } from "../units/pools_of.ts";

/** The right to one action: a goal, a reload, a roll of a pool, or another size of it. */
export type ControlRight = Goal | "reload" | "roll" | "scale";

/** All that there is. */
export const RIGHTS: readonly ControlRight[] = [...GOALS, "reload", "roll", "scale"];

/** How something that was asked came out. */
export interface ActionResult {
  /** Whether it was done, or only asked for where nobody waits. */
  readonly ok: boolean;
  /** Why it is not ok. */
  readonly error?: string;
  /** Milliseconds that it took. */
  readonly ms: number;
  /** The generation of a reload. */
  readonly generation?: number;
  /** True where it was asked for and not waited for. */
  readonly asked?: boolean;
}

/** An answer: the status of HTTP, and the body. */
export interface ActionAnswer {
  readonly status: number;
  readonly body: ActionResult;
}

/** The parts that the actions need. */
export interface ActionParts {
  readonly bus: ProcessBus;
  readonly counts: Counts;
}

/** The body of a request. */
type Body = Readonly<Record<string, unknown>>;

/** A request that is wrong: nothing was done. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The routes of POST, with the fields that a body may have. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "/reload": ["details", "wait"],
  "/goal": ["goal", "code", "wait"],
  "/units/roll": ["pool", "wait"],
  "/units/scale": ["pool", "count", "wait"],
};

/** The paths that take a POST. */
export const ACTION_PATHS: readonly string[] = Object.keys(FIELDS);

/** Does what is asked, and tells how it came out. */
export class Actions {
  readonly #parts: ActionParts;
  /** The bus has exited: whoever asked for that is answered before the process ends. */
  readonly #exited: Deferred<void> = defer();

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  /** The listeners of `exited` have run. */
  exited(): void {
    this.#exited.resolve();
  }

  /**
   * Does it, and answers when it is done; a client that has gone away meanwhile changes nothing. Never rejects.
   * @param from Where it was asked, for the log.
   */
  async run(path: string, body: Body, rights: readonly ControlRight[], from: string): Promise<ActionAnswer> {
    const since = performance.now();
    const ms = () => performance.now() - since;
    try {
      const { right, title, act } = this.#plan(path, body);
      if (!rights.includes(right)) {
        throw new Refusal(403, `Cannot ${title}: the right "${right}" is not given here`);
      }
      const { bus } = this.#parts;
      bus.log(`Asked by control: ${title}`, { event: "control", action: right, from });
      const done = act();
      if (body["wait"] === false) {
        done.catch(() => {});
        return { status: 202, body: { ok: true, asked: true, ms: ms() } };
      }
      const more = await Promise.race([done, this.#gone()]);
      return { status: 200, body: { ok: true, ms: ms(), ...more } };
    } catch (error) {
      const status = error instanceof Refusal ? error.status : isTransition(error) ? 409 : 500;
      return { status, body: { ok: false, error: textOf(error), ms: ms() } };
    }
  }

  /** Reads what is asked. @throws {Refusal} Where that is nothing that can be done. */
  #plan(path: string, body: Body): {
    readonly right: ControlRight;
    readonly title: string;
    readonly act: () => Promise<{ readonly generation?: number }>;
  } {
    const known = FIELDS[path] ?? [];
    for (const field of Object.keys(body)) {
      if (!known.includes(field)) {
        throw new Refusal(400, `Unknown field "${field}", expected one of ${known.join(", ")}`);
      }
    }
    const { bus } = this.#parts;
    const { details, goal, code, count, pool, wait = true } = body;
    if (typeof wait !== "boolean") {
      throw new Refusal(400, `"wait" is ${show(wait)}, expected true or false`);
    }
    if (path === "/reload") {
      return {
        right: "reload",
        title: "reload",
        act: async () => ({ generation: await bus.reload(details) }),
      };
    }
    if (path === "/goal") {
      const found = GOALS.find((one) => one === goal);
      if (found === undefined) {
        throw new Refusal(400, `The goal is ${show(goal)}, expected one of ${GOALS.join(", ")}`);
      }
      if (code !== undefined && (found !== "exit" || !isCode(code))) {
        throw new Refusal(
          400,
          `"code" is ${show(code)}, expected an integer from 0 to 255, for "exit" alone`,
        );
      }
      return { right: found, title: found, act: () => this.#reach(found, code as number | undefined) };
    }
    const value = this.#pool(pool);
    if (path === "/units/roll") {
      return { right: "roll", title: `roll "${value.name}"`, act: async () => (await value.roll(), {}) };
    }
    if (!Number.isInteger(count) || (count as number) < 0) {
      throw new Refusal(400, `"count" is ${show(count)}, expected a number of units`);
    }
    const title = `scale "${value.name}" to ${count}`;
    return { right: "scale", title, act: async () => (await value.scale(count as number), {}) };
  }

  /** Rejects when the bus has exited: nothing else can come of what was asked. */
  async #gone(): Promise<never> {
    await this.#exited.promise;
    // What the exit itself settles is told first.
    await new Promise((resolve) => setTimeout(resolve));
    throw new Refusal(409, "The bus has exited");
  }

  #pool(name: unknown): Pool {
    const pools = poolsOf(this.#parts.bus);
    const names = pools.map(({ name }) => `"${name}"`).join(", ");
    if (pools.length === 0) throw new Refusal(404, "There is no pool of units");
    if (name === undefined && pools.length > 1) {
      throw new Refusal(400, `"pool" is missing, expected one of ${names}`);
    }
    const found = name === undefined ? pools[0] : pools.find((pool) => pool.name === name);
    if (found === undefined) throw new Refusal(404, `The pool is ${show(name)}, expected one of ${names}`);
    return found;
  }

  async #reach(goal: Goal, code: number | undefined): Promise<Record<never, never>> {
    const { bus, counts } = this.#parts;
    const before = counts.failures;
    const reached = goal === "exit" ? bus.exit(code) : bus[goal]();
    // The promise of the end settles when nobody can be answered any more.
    await (goal === "exit" || goal === "restart" ? Promise.race([reached, this.#exited.promise]) : reached);
    if (counts.failures > before) throw new Error(counts.lastFailure);
    return {};
  }
}

function isTransition(error: unknown): boolean {
  const { name } = Object(error) as { readonly name?: unknown };
  return name === "TransitionError" || name === "TraitError";
}
