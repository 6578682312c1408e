/**
 * The components of one bus: what of each a round calls, and in which order.
 * @module
 */
import { checkKeys } from "./check.ts";
import type { LogDetails } from "./_core.ts";
import { defer, type Deferred } from "./_deferred.ts";
import type { Entry, Result } from "./channel.ts";
import {
  checkComponent,
  type Component,
  type ComponentHandle,
  type ComponentReport,
  disposer,
  type Status,
} from "./component.ts";
import { type Deadline, namedError } from "./deadline.ts";
import type { Engine } from "./engine.ts";
import type { Phase } from "./states.ts";

/** What is done with a component. */
export type Action = "start" | "drain" | "stop";

const DOING = { start: "starting", drain: "draining", stop: "stopping" } as const;

/** One component in its bus. */
export class Node {
  readonly component: Component<unknown>;
  readonly name: string;
  /** A resource is disposed of once, and is gone then. */
  readonly resource: boolean;
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
  ready: Deferred<unknown> = defer();

  constructor(component: Component<unknown>, resource: boolean) {
    this.component = component;
    this.name = component.name;
    this.resource = resource;
  }

  get isUp(): boolean {
    return this.status === "up" || this.status === "draining";
  }
}

/** All components of one bus. */
export class Components {
  readonly #engine: Engine;
  readonly #nodes = new Map<string, Node>();
  /** Those that came up and were not taken down, in the order of their coming. */
  readonly #risen = new Set<Node>();
  #resources = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Adds a component, or a resource to dispose of. @throws Where it cannot be used. */
  use(
    given: Component<unknown> | Disposable | AsyncDisposable,
    options: { readonly name?: string } = {},
  ): Node {
    checkKeys("Cannot use a resource", options, ["name"]);
    const stop = disposer(given);
    const name = stop && (options.name ?? `resource ${++this.#resources}`);
    const component = stop ? { name: name!, stop } : given as Component<unknown>;
    checkComponent(component, this.#engine.platform.traits);
    const node = new Node(component, stop !== undefined);
    if (this.#nodes.has(node.name)) {
      throw new Error(`Cannot use component "${node.name}": the bus has a component of this name`);
    }
    this.#nodes.set(node.name, node);
    return node;
  }

  /** All of them, in the order of `use`. */
  list(): Node[] {
    return [...this.#nodes.values()];
  }

  /** Takes one off the list. */
  forget(node: Node): void {
    node.status = "removed";
    node.ready.reject(new Error(`Cannot wait for component "${node.name}": it is removed`));
    if (this.#nodes.get(node.name) === node) this.#nodes.delete(node.name);
    this.#risen.delete(node);
  }

  /** Checks names and cycles. @throws {Error} Naming the missing component, or the cycle. */
  verify(): void {
    const done = new Set<Node>();
    const visit = (node: Node, path: readonly Node[]) => {
      if (done.has(node)) return;
      if (path.includes(node)) {
        const cycle = [...path.slice(path.indexOf(node)), node].map(({ name }) => name).join(" → ");
        throw new Error(`Cannot start the components: they depend on each other in a cycle, ${cycle}`);
      }
      const { dependsOn = [] } = node.component;
      const missing = dependsOn !== "all" && dependsOn.find((name) => !this.#nodes.has(name));
      if (missing) {
        throw new Error(`Cannot start component "${node.name}": there is no "${missing}" that it depends on`);
      }
      for (const before of this.#before(node)) visit(before, [...path, node]);
      done.add(node);
    };
    for (const node of this.#nodes.values()) visit(node, []);
  }

  /**
   * What a round calls: to start all that is down, each as soon as those it depends on are up; to drain all
   * that is up at once; to stop it in the reverse order of the start.
   */
  entries(action: Action, only?: Node): Entry[] {
    const back = action === "stop";
    const nodes = action === "start" ? [...this.#nodes.values()] : [...this.#risen];
    const due = (node: Node) => action === "start" ? !node.isUp && node.status !== "failed" : node.isUp;
    const entries = new Map<Node, Entry>();
    for (const node of back ? nodes.reverse() : nodes) {
      if (due(node) && (!only || node === only)) entries.set(node, this.#entry(action, node));
    }
    if (action === "drain") return [...entries.values(), ...[...entries.keys()].flatMap(endOfRun)];
    for (const [node, entry] of entries) {
      for (const other of this.#before(node)) {
        const before = entries.get(other);
        if (!before) continue;
        const [first, then] = back ? [entry, before] : [before, entry];
        (first.followers ??= []).push(then);
        then.waits!++;
      }
    }
    return [...entries.values()];
  }

  /** Begins the `run` of all that is up, or of one; nobody waits for it now. */
  run(only?: Node): [] {
    for (const node of only ? [only] : this.#risen) if (node.isUp && node.component.run) this.#work(node);
    return [];
  }

  /** Says of those that a start left out what they waited for. */
  miss(level: "debug" | "warn"): void {
    for (const node of this.#nodes.values()) {
      if (node.status !== "down" || node.ready.settled) continue;
      const missing = this.#missing(node);
      const why = missing.length > 0 ? `it waits for ${quoted(missing)}` : "the start was given up";
      const error = new Error(`Component "${node.name}" was not started: ${why}`);
      node.ready.reject(error);
      this.#tell(node, error.message, { level });
    }
  }

  /** Prepares a removal. @throws {Error} While others that are up depend on it. */
  release({ name, work }: Node): void {
    const dependants = [...this.#risen].filter(({ component: { dependsOn } }) => {
      return dependsOn !== "all" && dependsOn?.includes(name);
    });
    if (dependants.length > 0) {
      throw new Error(`Cannot remove component "${name}": ${quoted(dependants)} depends on it and is up`);
    }
    work?.deadline.abort(namedError("AbortError", `Component "${name}" is being removed`), "request");
  }

  /** The `reload` of all that is up, as listeners, dependencies first. */
  reloads(): Entry[] {
    return [...this.#risen].filter(({ component }) => component.reload).map(({ name, component, value }) => {
      return { name, priority: 50, listener: component.reload!.bind(component, value) };
    });
  }

  /** Settles what waits for a start that cannot come any more. */
  close(error: Error): void {
    for (const node of this.#nodes.values()) node.ready.reject(error);
  }

  /** What a user holds of one component. */
  handle(node: Node): ComponentHandle<unknown> {
    const { name } = node;
    return {
      name,
      get status() {
        return node.status;
      },
      get value() {
        if (node.isUp || node.status === "stopping") return node.value;
        throw new Error(`Cannot read the value of component "${name}": it is ${node.status}`);
      },
      get ready() {
        return node.ready.promise;
      },
      remove: () => this.#engine.errands.remove(node),
    };
  }

  /** The components as a report has them. */
  inspect(): ComponentReport[] {
    const now = this.#engine.core.clock.now();
    return [...this.#nodes.values()].map((node): ComponentReport => {
      const { name, status } = node;
      const ms = node.ms ?? (status.endsWith("ing") ? now - node.since : undefined);
      const waitsFor = this.#waitsFor(node).map(({ name }) => name);
      return { name, status, ...ms !== undefined && { ms }, ...waitsFor.length > 0 && { waitsFor } };
    });
  }

  /** Those it comes after. */
  #before({ component: { dependsOn = [] } }: Node): Node[] {
    if (dependsOn !== "all") return dependsOn.flatMap((name) => this.#nodes.get(name) ?? []);
    return [...this.#nodes.values()].filter(({ component }) => component.dependsOn !== "all");
  }

  /** Those it comes after that are not up. */
  #missing(node: Node): Node[] {
    return this.#before(node).filter((other) => !other.isUp);
  }

  #waitsFor(node: Node): Node[] {
    const { state } = this.#engine;
    if (state === "start" && node.status === "down") return this.#missing(node);
    return state === "stop" && node.isUp
      ? [...this.#risen].filter((other) => this.#before(other).includes(node))
      : [];
  }

  #entry(action: Action, node: Node): Entry {
    let late: Deferred<void> | undefined;
    return {
      name: node.name,
      priority: 50,
      within: action === "drain" ? undefined : node.component[`${action}Within`],
      waits: 0,
      listener: (phase: Phase) => {
        return action === "start" ? this.#start(node, phase) : this.#end(action, node, phase);
      },
      done: (result) => {
        if (action === "start" && "late" in result) node.starting ??= late = defer();
        this.#done(action, node, result);
      },
      late: async (settled) => {
        if (action !== "start") return;
        if ("value" in settled) await this.#stopLate(node, settled.value);
        if (!late) return;
        late.resolve();
        node.starting = undefined;
        if (node.status === "starting") node.status = "down";
      },
    };
  }

  #begin(action: Action, node: Node): void {
    node.status = DOING[action];
    node.since = this.#engine.core.clock.now();
    node.ms = undefined;
  }

  #start(node: Node, phase: Phase): unknown {
    // A start that was given up and still runs is waited for: there are never two.
    return node.starting?.promise.then(() => {
      phase.signal.throwIfAborted();
      return this.#startNow(node, phase);
    }) ?? this.#startNow(node, phase);
  }

  #startNow(node: Node, phase: Phase): unknown {
    const { dependsOn = [], start } = node.component;
    // One that was removed meanwhile is missing, too.
    const missing = dependsOn === "all" ? [] : dependsOn.filter((name) => !this.#nodes.get(name)?.isUp);
    if (missing.length > 0) {
      throw new Error(`Cannot start component "${node.name}": "${missing.join('", "')}" is not up`);
    }
    if (node.ready.settled) node.ready = defer();
    this.#begin("start", node);
    return start?.call(node.component, phase);
  }

  #end(action: "drain" | "stop", node: Node, phase: Phase): unknown {
    this.#begin(action, node);
    return node.component[action]?.(node.value, phase);
  }

  #done(action: Action, node: Node, result: Result): void {
    if (node.status === DOING[action]) node.ms = this.#engine.core.clock.now() - node.since;
    const failure = "failure" in result ? result.failure : undefined;
    if (action === "start" && failure) {
      node.ready.reject(failure.error);
      if ("late" in result) return;
      node.status = "down";
    }
    if (action === "stop") {
      this.#risen.delete(node);
      node.status = failure ? "failed" : "down";
    }
    if (failure || action === "drain") return;
    node.value = undefined;
    if (action === "start" && "value" in result) {
      node.value = result.value;
      node.status = "up";
      this.#risen.add(node);
      node.ready.resolve(result.value);
    }
    const { name, status, ms = 0 } = node;
    this.#tell(node, `Component "${name}" is ${status} after ${Math.round(ms)} ms`, { ms });
    if (action === "stop" && node.resource) this.forget(node);
  }

  /** Takes down at once what came up after the bus had given it up. */
  async #stopLate(node: Node, value: unknown): Promise<void> {
    const { core, state } = this.#engine;
    const then = state === "exited" ? "it is too late to stop it" : "it is stopped";
    this.#tell(node, `Component "${node.name}" came up after its start was given up: ${then}`, {
      level: "warn",
    });
    if (state === "exited") return;
    const { deadline, phase } = this.#engine.span("stop");
    const body = () => node.component.stop?.(value, phase(deadline));
    core.logFailed(await core.channel("stop").outcome({ name: node.name, deadline, body }));
    deadline.close();
  }

  #work(node: Node): void {
    const { component, name, value, since } = node;
    const { core, runs } = this.#engine;
    const deadline = runs.child(name, Infinity);
    const body = () => this.#engine.within(() => component.run!(value, deadline.signal));
    const ended = (result: Result): Result => {
      // The drain that ended it reports what came of it.
      if (deadline.aborted) return result;
      node.work = undefined;
      const ms = core.clock.now() - since;
      const error = new Error(`Component "${name}" has ended its run while the bus was running`);
      const failure = { channel: "run", listener: name, kind: "throw", ms, error } as const;
      this.#engine.ended("failure" in result ? result.failure : failure);
      return { value: undefined };
    };
    const result = core.channel("run").outcome({ name, deadline, body }).then(ended);
    node.work = { deadline, result };
  }

  #tell({ name, status }: Node, message: string, details: LogDetails): void {
    this.#engine.core.log(message, { component: name, status, ...details });
  }
}

/** The end of a component's `run`, which the drain waits for too. */
function endOfRun(node: Node): Entry[] {
  const { name, work } = node;
  if (!work) return [];
  node.work = undefined;
  const unwrap = (result: Result) => {
    if ("failure" in result && result.failure.kind !== "abort") throw result.failure.error;
  };
  return [{ name, priority: 50, waits: 0, listener: () => work.result.then(unwrap) }];
}

function quoted(nodes: readonly Node[]): string {
  return nodes.map(({ name }) => `"${name}"`).join(", ");
}
