/**
 * Guests: the bus as a tenant may see it, over the public API alone. Nothing reachable from a guest leads
 * to its bus.
 * @module
 */
import { rejected } from "./_deferred.ts";
import { checkFunction, checkKeys, checkName, show } from "./check.ts";
import type { Signal } from "./_web.ts";
import type { Bus, LogRecord, Subscription } from "./bus.ts";
import type { Listener, SubscribeOptions } from "./channel.ts";
import { checkComponent, type Component, type ComponentHandle, disposer } from "./component.ts";
import { RightError, textOf } from "./errors.ts";
import type { ProcessBus } from "./process_bus.ts";
import { type Goal, GOALS, type Phase, type State, STATES } from "./states.ts";

/** What a guest may be given: to ask for a goal or a reload, or to publish on one channel. */
export type Right = Goal | "reload" | `publish:${string}`;

/** A bus as a tenant has it. */
export interface Guest extends AsyncDisposable {
  /** The name that all it brings is prefixed with. */
  readonly name: string;
  /** Where the bus stands. */
  readonly state: ProcessBus["state"];
  /** False while listeners of `state` are running. */
  readonly settled: boolean;
  /** Subscribes after all listeners of the host. On `log` it sees its own records alone; `restart` needs the right. */
  subscribe: Bus["subscribe"];
  /** Publishes, where it has the right `publish:<channel>`. */
  publish: Bus["publish"];
  /** Logs in its own name. */
  log: Bus["log"];
  /** Uses a component, named `guest/component`, that depends on its own alone. */
  use: ProcessBus["use"];
  /** Waits for a state of the bus. */
  wait: ProcessBus["wait"];
  /** Asks for a goal or a reload, where it has the right. */
  request(
    goal: Goal | "reload",
    details?: { readonly code?: number; readonly error?: unknown },
  ): Promise<void>;
  /** Stops and removes all that it brought. */
  close(): Promise<void>;
}

/** A guest's listeners come after all of the host's. */
const AFTER_HOST = 1e6;

/**
 * Makes a guest of `bus` with the rights named; whatever else it tries rejects with `RightError` and is logged.
 * @throws {TypeError} Where a right is unknown.
 *
 * @example
 * ```ts
 * import { guest, inline, ProcessBus } from "@sitebus/sitebus";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * const shop = guest(bus, "shop", ["reload"]);
 * shop.use({ name: "db", start: () => "connection" }); // the component "shop/db"
 * await bus.start();
 * await shop.request("reload");
 * await shop.request("exit").catch((error) => console.log(error.name)); // RightError
 * await shop.close();
 * ```
 */
export function guest(bus: ProcessBus, name: string, rights: readonly Right[] = []): Guest {
  checkName("Cannot make a guest", name);
  for (const right of rights) {
    if (GOALS.includes(right as Goal) || right === "reload" || String(right).startsWith("publish:")) continue;
    throw new TypeError(`Cannot make the guest "${name}": the right ${show(right)} is unknown`);
  }
  const host = bus as unknown as Bus;
  const may = (right: Right) => rights.includes(right);
  const log: Bus["log"] = (message, details) => bus.log(message, { ...details, guest: name });
  const refuse = (right: string): RightError => {
    const error = new RightError(name, right);
    log(error.message, { level: "warn", error });
    return error;
  };
  /** The phase as a guest has it: it asks by its rights, and cannot lengthen the host's. */
  const narrow = (phase: Phase): Phase => ({
    state: phase.state,
    from: phase.from,
    reason: phase.reason,
    get signal() {
      return phase.signal;
    },
    left: () => phase.left(),
    extend() {
      refuse("extend");
      return 0;
    },
    delay: (ms) => phase.delay(ms),
    request: (goal, details) => may(goal) ? phase.request(goal, details) : void refuse(goal),
  });

  const subscriptions = new Set<Subscription>();
  const narrowed = new Map<string, Map<unknown, Listener<unknown[]>>>();
  /** The same listener on the same channel stays the same one to the bus. */
  const narrowListener = (channel: string, listener: Listener<unknown[]>): Listener<unknown[]> => {
    const known = narrowed.get(channel) ?? new Map<unknown, Listener<unknown[]>>();
    narrowed.set(channel, known);
    const made = known.get(listener) ?? ((...args: unknown[]) => {
      if (STATES.includes(channel as State)) return listener(narrow(args[0] as Phase));
      if (channel !== "log" || isOwn(args[0] as LogRecord)) return listener(...args);
    });
    known.set(listener, made);
    return made;
  };
  const isOwn = (record: LogRecord) => {
    const about = [record["listener"], record["component"]].some((about) =>
      String(about).startsWith(`${name}/`)
    );
    return about || record["guest"] === name;
  };
  const open = () => {
    if (closed) throw new Error(`Cannot use the guest "${name}": it is closed`);
  };

  const parts = new Map<
    string,
    { readonly component: Component<unknown>; readonly handle: ComponentHandle<unknown> }
  >();
  const prefixed = (other: string) => `${name}/${other}`;
  const isLast = (component: Component<unknown>) => component.dependsOn === "all";
  const nameOf = ({ handle }: { readonly handle: ComponentHandle<unknown> }) => handle.name;
  const narrowComponent = (component: Component<unknown>): Component<unknown> => {
    const { name, dependsOn = [], run, reload } = component;
    const inner: { -readonly [F in keyof Component]: unknown } = { name: prefixed(name) };
    for (const field of ["needs", "startWithin", "stopWithin", "join"] as const) {
      if (component[field] !== undefined) inner[field] = component[field];
    }
    // The phase comes last of what these get.
    for (const method of ["start", "drain", "stop"] as const) {
      const body = component[method] as ((...args: unknown[]) => unknown) | undefined;
      if (!body) continue;
      inner[method] = (...args: unknown[]) =>
        body.call(component, ...args.slice(0, -1), narrow(args.at(-1) as Phase));
    }
    if (reload) inner.reload = reload.bind(component);
    if (run) {
      inner.run = async (value: unknown, signal: Signal) => {
        try {
          await run.call(component, value, signal);
          if (may("exit") || signal.aborted) return;
          log(`Component "${prefixed(name)}" has ended its run`, { level: "warn" });
        } catch (error) {
          if (may("exit") || signal.aborted) throw error;
          log(`Component "${prefixed(name)}" failed: ${textOf(error)}`, { level: "error", error });
        }
        // It has no right to end the host.
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      };
    }
    const others = () => [...parts.values()].filter(({ component }) => !isLast(component)).map(nameOf);
    Object.defineProperty(inner, "dependsOn", {
      enumerable: true,
      get: () => dependsOn === "all" ? others() : dependsOn.map(prefixed),
    });
    return inner as Component<unknown>;
  };

  let closed = false;
  const close = async () => {
    closed = true;
    for (const subscription of subscriptions) subscription.unsubscribe();
    const errors: unknown[] = [];
    while (parts.size > 0) {
      const needed = [...parts.values()].flatMap(({ component }) => [...component.dependsOn ?? []]);
      const free = [...parts.keys()].filter((own) => !needed.some((name) => prefixed(name) === own));
      // Those that others depend on go last; in a cycle, none is up.
      for (const own of free.length > 0 ? free.reverse() : [...parts.keys()]) {
        const { handle } = parts.get(own)!;
        parts.delete(own);
        await handle.remove().catch((error) => errors.push(error));
      }
    }
    if (errors.length > 0) throw errors[0];
  };

  return Object.freeze<Guest>({
    name,
    get state() {
      return bus.state;
    },
    get settled() {
      return bus.settled;
    },
    subscribe(channel: string, listener: Listener<unknown[]>, options: SubscribeOptions = {}) {
      open();
      checkFunction(`Cannot subscribe to "${channel}"`, "listener", listener);
      if (channel === "restart" && !may("restart")) throw refuse("restart");
      const subscription = host.subscribe(channel, narrowListener(channel, listener), {
        ...options,
        name: prefixed(options.name ?? (listener.name || "anonymous")),
        priority: AFTER_HOST + Math.max(0, options.priority ?? 50),
      });
      subscriptions.add(subscription);
      return subscription;
    },
    publish(channel: string, ...args: unknown[]) {
      return may(`publish:${channel}`)
        ? host.publish(channel, ...args)
        : rejected(refuse(`publish:${channel}`));
    },
    log,
    use(given: Component<unknown> | Disposable | AsyncDisposable, options: { readonly name?: string } = {}) {
      open();
      checkKeys("Cannot use a resource", options, ["name"]);
      const dispose = disposer(given);
      const resource = `resource ${parts.size + 1}`;
      const component = dispose
        ? { name: options.name ?? resource, stop: dispose }
        : given as Component<unknown>;
      checkComponent(component, bus.platform.traits);
      const handle = dispose
        ? bus.use(given as AsyncDisposable, { name: prefixed(component.name) })
        : bus.use(narrowComponent(component));
      parts.set(handle.name, { component, handle });
      return handle as ComponentHandle<never>;
    },
    wait: bus.wait.bind(bus),
    request(goal, { code, error } = {}) {
      if (!may(goal)) return rejected(refuse(goal));
      if (error !== undefined) {
        log(`Guest "${name}" asks for ${goal}: ${textOf(error)}`, { level: "error", error });
      }
      if (goal === "exit") return bus.exit(code);
      return goal === "reload" ? bus.reload().then(() => {}) : bus[goal]();
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}
