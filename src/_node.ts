/**
 * One component in its bus, and what is done with it: its start, its drain, its stop.
 * @module
 */
import type { LogDetails } from "./_core.ts";
import { defer, type Deferred } from "./_deferred.ts";
import type { Entry, Result, Settled } from "./channel.ts";
import type { Component, Status } from "./component.ts";
import type { Deadline } from "./deadline.ts";
import type { Engine } from "./engine.ts";
import type { Phase } from "./states.ts";

/** What is done with a component. */
export type Action = "start" | "drain" | "stop";

const DOING = { start: "starting", drain: "draining", stop: "stopping" } as const;

/** What a component knows of those beside it. */
export interface Home {
  readonly engine: Engine;
  /** Those that came up and were not taken down, in the order of their coming. */
  readonly risen: Set<Node>;
  /** Whether a component of this name is up. */
  isUp(name: string): boolean;
  forget(node: Node): void;
}

/** One component in its bus. */
export class Node {
  readonly component: Component<unknown>;
  readonly name: string;
  /** A resource is disposed of once, and is gone then. */
  readonly resource: boolean;
  readonly home: Home;
  status: Status = "down";
  value: unknown;
  since = 0;
  ms: number | undefined;
  /** A start that nobody waits for any more, and that still runs. */
  starting: Deferred<void> | undefined;
  /** Its `run`, until that has settled. */
  work: { readonly deadline: Deadline; readonly result: Promise<Result> } | undefined;
  /** A check that was late has not settled. */
  stuck = false;
  /** What the round that is being made does with it. */
  step: Step | undefined;
  ready: Deferred<unknown> = defer();

  constructor(component: Component<unknown>, options: { readonly resource: boolean; readonly home: Home }) {
    this.component = component;
    this.name = component.name;
    this.resource = options.resource;
    this.home = options.home;
  }

  get isUp(): boolean {
    return this.status === "up" || this.status === "draining";
  }

  /** Something begins with it, at an instant of the clock. */
  begin(action: Action, since: number): void {
    this.status = DOING[action];
    this.since = since;
    this.ms = undefined;
  }

  /** Its drain, where there is anything to do, and the end of its `run`. */
  drain(): Entry[] {
    const { component, name, work } = this;
    const entries: Entry[] = component.drain ? [new Step("drain", this)] : [];
    if (!component.drain) {
      this.begin("drain", 0);
      this.ms = 0;
    }
    if (!work) return entries;
    this.work = undefined;
    const unwrap = (result: Result) => {
      if ("failure" in result && result.failure.kind !== "abort") throw result.failure.error;
    };
    return [...entries, { name, priority: 50, waits: 0, listener: () => work.result.then(unwrap) }];
  }

  tell(message: string, details: LogDetails): void {
    const { name, status } = this;
    this.home.engine.core.log(message, { component: name, status, ...details });
  }
}

/** One action with one component, in a round. A class, not functions: there may be thousands in a round. */
export class Step implements Entry {
  readonly name: string;
  readonly priority = 50;
  readonly within: number | undefined;
  readonly listener: () => void = nothing;
  waits = 0;
  followers: Entry[] | undefined;
  readonly #action: Action;
  readonly #node: Node;
  #late: Deferred<void> | undefined;

  constructor(action: Action, node: Node) {
    this.name = node.name;
    this.within = action === "drain" ? undefined : node.component[`${action}Within`];
    this.#action = action;
    this.#node = node;
  }

  act(phase: Phase, since: number): unknown {
    const { starting, home } = this.#node;
    if (this.#action !== "start" || !starting) return this.#begin(phase, since);
    // A start that was given up and still runs is waited for: there are never two.
    return starting.promise.then(() => {
      phase.signal.throwIfAborted();
      return this.#begin(phase, home.engine.core.clock.now());
    });
  }

  done(result: Result): void {
    const node = this.#node;
    const { engine, risen } = node.home;
    const failed = "failure" in result;
    if (node.status === DOING[this.#action]) node.ms = engine.core.clock.now() - node.since;
    if (this.#action === "drain") return;
    if (this.#action === "stop") {
      risen.delete(node);
      node.status = failed ? "failed" : "down";
      if (failed) return;
      node.value = undefined;
    } else if (failed) {
      node.ready.reject(result.failure.error);
      if (result.late) node.starting ??= this.#late = defer();
      else node.status = "down";
      return;
    } else {
      node.value = result.value;
      node.status = "up";
      risen.add(node);
      node.ready.resolve(result.value);
    }
    const { name, status, ms = 0 } = node;
    node.tell(`Component "${name}" is ${status} after ${Math.round(ms)} ms`, { ms });
    if (node.resource && status === "down") node.home.forget(node);
  }

  async late(settled: Settled): Promise<void> {
    const node = this.#node;
    if (this.#action !== "start") return;
    if ("value" in settled) await this.#stopLate(settled.value);
    if (!this.#late) return;
    this.#late.resolve();
    node.starting = undefined;
    if (node.status === "starting") node.status = "down";
  }

  #begin(phase: Phase, since: number): unknown {
    const node = this.#node;
    const { component, home, name } = node;
    const action = this.#action;
    if (action !== "start") {
      node.begin(action, since);
      return component[action]?.(node.value, phase);
    }
    const { dependsOn = [] } = component;
    // One that was removed meanwhile is missing, too.
    const missing = dependsOn === "all" ? [] : dependsOn.filter((name) => !home.isUp(name));
    if (missing.length > 0) {
      throw new Error(`Cannot start component "${name}": "${missing.join('", "')}" is not up`);
    }
    if (node.ready.settled) node.ready = defer();
    node.begin(action, since);
    return component.start?.(phase);
  }

  /** Takes down at once what came up after the bus had given it up. */
  async #stopLate(value: unknown): Promise<void> {
    const { name, component, home: { engine } } = this.#node;
    const isOver = engine.state === "exited";
    const then = isOver ? "it is too late to stop it" : "it is stopped";
    this.#node.tell(`Component "${name}" came up after its start was given up: ${then}`, { level: "warn" });
    if (isOver) return;
    const { deadline, phase } = engine.span("stop");
    const body = () => component.stop?.(value, phase(deadline));
    engine.core.logFailed(await engine.core.channel("stop").outcome({ name, deadline, body }));
    deadline.close();
  }
}

/** A step is no function: it acts. */
function nothing(): void {}
