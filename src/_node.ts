/**
 * One component in its bus, and what is done with it: its start, its drain, its stop.
 * @module
 */
import type { LogDetails } from "./_core.ts";
import { defer, type Deferred } from "./_deferred.ts";
import type { Call, Entry, Result, Settled } from "./channel.ts";
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

/** One component in its bus, and its entry in a round: itself, not one made for it, since there may be thousands. */
export class Node implements Entry {
  readonly component: Component<unknown>;
  readonly name: string;
  readonly priority = 50;
  readonly listener: () => void = nothing;
  /** Milliseconds for what the present round does with it; who it waits for in that, and who waits for it. */
  within: number | undefined;
  waits = 0;
  followers: Node[] | undefined;
  /** Whether the round that is being made has it. */
  isDue = false;
  /** A resource is disposed of once, and is gone then. */
  readonly resource: boolean;
  readonly home: Home;
  status: Status = "down";
  value: unknown;
  since = 0;
  ms: number | undefined;
  /** A start that nobody waits for any more, and that still runs. */
  starting: { readonly call: Call; readonly over: Deferred<void> } | undefined;
  /** Its `run`, until that has settled. */
  work: { readonly deadline: Deadline; readonly result: Promise<Result> } | undefined;
  /** A check that was late has not settled. */
  stuck = false;
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

  /** It is in the round that is being made. */
  prepare(action: Action): void {
    this.within = action === "drain" ? undefined : this.component[`${action}Within`];
    this.waits = 0;
    this.followers = undefined;
  }

  /** Adds its drain, where there is anything to do, and the end of its `run`. */
  drain(entries: Entry[]): void {
    const { component, name, work } = this;
    if (component.drain) {
      this.prepare("drain");
      entries.push(this);
    } else {
      this.status = "draining";
      this.since = this.ms = 0;
    }
    if (!work) return;
    this.work = undefined;
    const unwrap = (result: Result) => {
      if ("failure" in result && result.failure.kind !== "abort") throw result.failure.error;
    };
    entries.push({ name, priority: 50, waits: 0, listener: () => work.result.then(unwrap) });
  }

  act(phase: Phase, since: number): unknown {
    const { starting, home } = this;
    if (phase.state !== "start" || !starting) return this.#begin(phase, since);
    // A start that was given up and still runs is waited for: there are never two.
    return starting.over.promise.then(() => {
      phase.signal.throwIfAborted();
      return this.#begin(phase, home.engine.core.clock.now());
    });
  }

  done(result: Result, call: Call): void {
    const { engine, risen } = this.home;
    const action = call.caller.channel.name as Action;
    const failed = "failure" in result;
    if (this.status === DOING[action]) this.ms = engine.core.clock.now() - this.since;
    if (action === "drain") return;
    if (action === "stop") {
      risen.delete(this);
      this.status = failed ? "failed" : "down";
      if (failed) return;
      this.value = undefined;
    } else if (failed) {
      this.ready.reject(result.failure.error);
      // Where a start ends with the request that drove it, it may never settle: nobody waits for it.
      const { ioOutsideRequests } = engine.platform.traits;
      if (result.late && ioOutsideRequests) this.starting ??= { call, over: defer() };
      else this.status = "down";
      return;
    } else {
      this.value = result.value;
      this.status = "up";
      risen.add(this);
      this.ready.resolve(result.value);
    }
    const { name, status, ms = 0 } = this;
    if (engine.core.isHeard) {
      this.tell(`Component "${name}" is ${status} after ${Math.round(ms)} ms`, { ms });
    }
    if (this.resource && status === "down") this.home.forget(this);
  }

  async late(settled: Settled, call: Call): Promise<void> {
    if (call.caller.channel.name !== "start") return;
    if ("value" in settled) await this.#stopLate(settled.value);
    if (this.starting?.call !== call) return;
    this.starting.over.resolve();
    this.starting = undefined;
    if (this.status === "starting") this.status = "down";
  }

  tell(message: string, details: LogDetails): void {
    const { name, status } = this;
    this.home.engine.core.log(message, { component: name, status, ...details });
  }

  #begin(phase: Phase, since: number): unknown {
    const { component, home, name } = this;
    const action = phase.state as Action;
    if (action === "start") {
      const { dependsOn } = component;
      // One that was removed meanwhile is missing, too.
      const missing = !dependsOn || dependsOn === "all" ? [] : dependsOn.filter((name) => !home.isUp(name));
      if (missing.length > 0) {
        throw new Error(`Cannot start component "${name}": "${missing.join('", "')}" is not up`);
      }
      if (this.ready.settled) this.ready = defer();
    }
    this.status = DOING[action];
    this.since = since;
    this.ms = undefined;
    return action === "start" ? component.start?.(phase) : component[action]?.(this.value, phase);
  }

  /** Takes down at once what came up after the bus had given it up. */
  async #stopLate(value: unknown): Promise<void> {
    const { name, component, home: { engine } } = this;
    const isOver = engine.state === "exited";
    const then = isOver ? "it is too late to stop it" : "it is stopped";
    this.tell(`Component "${name}" came up after its start was given up: ${then}`, { level: "warn" });
    if (isOver) return;
    const { deadline, phase } = engine.span("stop");
    const body = () => component.stop?.(value, phase(deadline));
    engine.core.logFailed(await engine.core.channel("stop").outcome({ name, deadline, body }));
    deadline.close();
  }
}

/** A component is no function: it acts. */
function nothing(): void {}
