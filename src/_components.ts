/**
 * The components of one bus: what of each a round calls, and in which order.
 * @module
 */
import { type Action, type Home, Node } from "./_node.ts";
import type { Entry, Result } from "./channel.ts";
import { checkKeys } from "./check.ts";
import {
  checkComponent,
  type Component,
  type ComponentHandle,
  type ComponentReport,
  disposer,
} from "./component.ts";
import { namedError } from "./deadline.ts";
import type { Engine } from "./engine.ts";

/** All components of one bus. */
export class Components implements Home {
  readonly engine: Engine;
  readonly risen: Set<Node> = new Set();
  readonly #nodes = new Map<string, Node>();
  #resources = 0;

  constructor(engine: Engine) {
    this.engine = engine;
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
    checkComponent(component, this.engine.platform.traits);
    const node = new Node(component, { resource: stop !== undefined, home: this });
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

  isUp(name: string): boolean {
    return this.#nodes.get(name)?.isUp === true;
  }

  /** Takes one off the list. */
  forget(node: Node): void {
    node.status = "removed";
    node.ready.reject(new Error(`Cannot wait for component "${node.name}": it is removed`));
    if (this.#nodes.get(node.name) === node) this.#nodes.delete(node.name);
    this.risen.delete(node);
  }

  /** Checks names and cycles. @throws {Error} Naming the missing component, or the cycle. */
  verify(): void {
    const done = new Set<Node>();
    const path = new Set<Node>();
    const visit = (node: Node) => {
      if (!node.component.dependsOn?.length || done.has(node)) return;
      if (path.has(node)) {
        const names = [...path, node].map(({ name }) => name);
        const cycle = names.slice(names.indexOf(node.name)).join(" → ");
        throw new Error(`Cannot start the components: they depend on each other in a cycle, ${cycle}`);
      }
      path.add(node);
      this.#before(node, true).forEach(visit);
      path.delete(node);
      done.add(node);
    };
    this.#nodes.forEach(visit);
  }

  /**
   * What a round calls: to start all that is down, each as soon as those it depends on are up; to drain all
   * that is up at once; to stop it in the reverse order of the start.
   */
  entries(action: Action, only?: Node): Entry[] {
    const nodes = action === "start" ? [...this.#nodes.values()] : [...this.risen];
    const due = (action === "stop" ? nodes.reverse() : nodes).filter((node) =>
      (!only || node === only) && (action === "start" ? !node.isUp && node.status !== "failed" : node.isUp)
    );
    if (action === "drain") {
      const entries: Entry[] = [];
      for (const node of due) node.drain(entries);
      return entries;
    }
    for (const node of due) {
      node.prepare(action);
      node.isDue = true;
    }
    for (const node of due) {
      for (const other of this.#before(node)) {
        if (!other.isDue) continue;
        const first = action === "stop" ? node : other;
        const then = first === node ? other : node;
        (first.followers ??= []).push(then);
        then.waits++;
      }
    }
    for (const node of due) node.isDue = false;
    return due;
  }

  /** Begins the `run` of all that is up, or of one; nobody waits for it now. */
  run(only?: Node): [] {
    for (const node of only ? [only] : this.risen) if (node.isUp && node.component.run) this.#work(node);
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
      node.tell(error.message, { level });
    }
  }

  /** Prepares a removal. @throws {Error} While others that are up depend on it. */
  release({ name, work }: Node): void {
    const dependants = [...this.risen].filter(({ component: { dependsOn } }) => {
      return dependsOn !== "all" && dependsOn?.includes(name);
    });
    if (dependants.length > 0) {
      throw new Error(`Cannot remove component "${name}": ${quoted(dependants)} depends on it and is up`);
    }
    work?.deadline.abort(namedError("AbortError", `Component "${name}" is being removed`), "request");
  }

  /** The `reload` of all that is up, as listeners, dependencies first. */
  reloads(): Entry[] {
    return [...this.risen].filter(({ component }) => component.reload).map(({ name, component, value }) => {
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
      remove: () => this.engine.errands.remove(node),
    };
  }

  /** The components as a report has them. */
  inspect(): ComponentReport[] {
    const now = this.engine.core.clock.now();
    return [...this.#nodes.values()].map((node): ComponentReport => {
      const { name, status } = node;
      const ms = node.ms ?? (status.endsWith("ing") ? now - node.since : undefined);
      const waitsFor = this.#waitsFor(node).map(({ name }) => name);
      return { name, status, ...ms !== undefined && { ms }, ...waitsFor.length > 0 && { waitsFor } };
    });
  }

  /** Those it comes after. @throws {Error} Where `all` of them have to be there, naming the one that is not. */
  #before({ name, component: { dependsOn = [] } }: Node, all = false): readonly Node[] {
    if (dependsOn === "all") {
      return [...this.#nodes.values()].filter(({ component }) => component.dependsOn !== "all");
    }
    const found: Node[] = [];
    for (const other of dependsOn) {
      const node = this.#nodes.get(other);
      if (node) found.push(node);
      else if (all) {
        throw new Error(`Cannot start component "${name}": there is no "${other}" that it depends on`);
      }
    }
    return found;
  }

  /** Those it comes after that are not up. */
  #missing(node: Node): Node[] {
    return this.#before(node).filter((other) => !other.isUp);
  }

  #waitsFor(node: Node): Node[] {
    const { state } = this.engine;
    if (state === "start" && node.status === "down") return this.#missing(node);
    return state === "stop" && node.isUp
      ? [...this.risen].filter((other) => this.#before(other).includes(node))
      : [];
  }

  #work(node: Node): void {
    const { component, name, value, since } = node;
    const { core, runs } = this.engine;
    const deadline = runs.child(name, Infinity);
    const body = () => this.engine.within(() => component.run!(value, deadline.signal));
    const ended = (result: Result): Result => {
      // The drain that ended it reports what came of it.
      if (deadline.aborted) return result;
      node.work = undefined;
      const ms = core.clock.now() - since;
      const error = new Error(`Component "${name}" has ended its run while the bus was running`);
      const failure = { channel: "run", listener: name, kind: "throw", ms, error } as const;
      this.engine.ended("failure" in result ? result.failure : failure);
      return { value: undefined };
    };
    const result = core.channel("run").outcome({ name, deadline, body }).then(ended);
    node.work = { deadline, result };
  }
}

function quoted(nodes: readonly Node[]): string {
  return nodes.map(({ name }) => `"${name}"`).join(", ");
}
