/**
 * What is done while the bus rests: late joins, removals, reloads. Each waits for its turn.
 * @module
 */
import type { Node } from "./_node.ts";
import { defer, type Deferred, rejected } from "./_deferred.ts";
import type { Engine } from "./engine.ts";
import { ChannelFailures, type Failure, textOf } from "./errors.ts";
import { runReload } from "./reload.ts";
import type { State } from "./states.ts";

/** Something to be done where the bus rests in one of the states. */
interface Errand {
  readonly states: readonly State[];
  run(errand: Errand): Promise<void>;
  /** Told where it cannot be done any more. */
  miss(error: unknown): void;
}

/** The errands of one bus. */
export class Errands {
  /** How many reloads were committed. */
  generation = 0;
  readonly #engine: Engine;
  readonly #waiting: Errand[] = [];
  #running: Errand | undefined;
  /** The reload that waits for its turn, and the calls that folded into it. */
  #reload: { details: unknown; readonly callers: Deferred<number>[] } | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Runs the next one; undefined where there is none, so that nothing is awaited then. */
  next(): Promise<void> | undefined {
    const errand = this.#waiting.shift();
    if (!errand) return;
    const { state } = this.#engine;
    if (!errand.states.includes(state)) {
      errand.miss(this.#engine.error("unreachable", errand.states.join(), `the bus rests in "${state}"`));
      return this.next();
    }
    this.#running = errand;
    return errand.run(errand).then(() => {
      if (this.#running === errand) this.#running = undefined;
    });
  }

  /** The driver of the one under way died. */
  abandon(error: Error): void {
    this.#running?.miss(error);
    this.#running = undefined;
  }

  /** Reloads while the bus runs, or when it does; calls that wait fold into one, with the latest details. */
  reload(details: unknown): Promise<number> {
    const engine = this.#engine;
    const { state, goal, later } = engine;
    const coming = [goal, later].some((goal) => goal === "start" || goal === "graceful");
    if (!coming && (goal || state !== "run")) {
      const kind = state === "exited" ? "exited" : "unreachable";
      return rejected(engine.error(kind, "reload", `the bus is in "${state}" and not on its way to "run"`));
    }
    const caller = defer<number>();
    if (engine.isInside()) {
      caller.reject(engine.error("reentrant", "reload", "what runs now asked and would wait for itself"));
    }
    if (this.#reload) {
      this.#reload.details = details;
      this.#reload.callers.push(caller);
      return caller.promise;
    }
    const reload = this.#reload = { details, callers: [caller] };
    const miss = (error: unknown) => {
      if (this.#reload === reload) this.#reload = undefined;
      for (const caller of reload.callers) caller.reject(error);
    };
    this.#send({ states: ["run"], run: (errand) => this.#runReload(errand), miss });
    return caller.promise;
  }

  /** Starts a component now, or once the bus runs. */
  join(node: Node): void {
    const { state, components } = this.#engine;
    if (state !== "run" && state !== "start") return;
    const run = async () => {
      if (node.status !== "down") return;
      await this.#engine.perform("start", node);
      if (this.#engine.state === "run") components.run(node);
    };
    this.#send({ states: ["run"], run, miss() {} });
  }

  /** Takes a component down and off, when its turn comes. */
  remove(node: Node): Promise<void> {
    const { core, components } = this.#engine;
    const deferred = defer<void>();
    const miss = (error: unknown) => {
      deferred.reject(error);
      core.log(textOf(error), { level: "error", error });
    };
    const run = async (errand: Errand) => {
      try {
        components.release(node);
        const failures: Failure[] = [];
        for (const action of ["drain", "stop"] as const) {
          if (node.isUp) failures.push(...await this.#engine.perform(action, node));
          if (errand !== this.#running) return;
        }
        if (failures.length > 0) throw new ChannelFailures(failures);
        components.forget(node);
        deferred.resolve();
      } catch (error) {
        miss(error);
      }
    };
    this.#send({ states: ["initial", "idle", "run", "exited"], run, miss });
    return deferred.promise;
  }

  #send(errand: Errand): void {
    this.#waiting.push(errand);
    this.#engine.drive();
  }

  async #runReload(errand: Errand): Promise<void> {
    const engine = this.#engine;
    const { core, components, limits } = engine;
    const { details, callers } = this.#reload!;
    this.#reload = undefined;
    const generation = this.generation + 1;
    const entries = [...components.reloads(), ...core.channel("reload").entries];
    const { failures, overtaken } = await runReload({
      core,
      entries: entries.sort((a, b) => a.priority - b.priority),
      within: (body) => engine.within(body),
      step: (name) => {
        const deadline = engine.limit("run", limits.of(name === "rollback" ? "settle" : "reload"));
        // What was prepared too late is rolled back beside whatever runs then.
        if (errand === this.#running) engine.cover(deadline, name === "prepare");
        return deadline;
      },
    }, { generation, details });
    if (errand === this.#running) engine.end();
    if (failures.length > 0) errand.miss(new ChannelFailures(failures));
    else if (overtaken) errand.miss(engine.error("superseded", "reload", `"${engine.goal}" was asked`));
    else {
      this.generation = generation;
      core.log(`Reloaded: generation ${generation}`, { generation });
      for (const caller of callers) caller.resolve(generation);
    }
  }
}
