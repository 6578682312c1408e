/**
 * Follows one bus by its log and its states, and adds to its records what a single record cannot know: how long the
 * start or the stop took, which requests were in flight, and what was cut by force.
 * @module
 */
import { followsForce, type LogRecord } from "../../src/records.ts";
import type { ComponentHandle } from "../../src/component.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { Phase, Reason } from "../../src/phase.ts";
import { type LoggedCall, pendingCalls, pendingLines } from "./pending.ts";

/** The value of a component that is a server, as `httpServer` has it. */
export interface ServerValue {
  /** Where it listens. */
  readonly url?: string | undefined;
  /** How many requests are not answered to their end. */
  readonly inFlight?: number | undefined;
}

/** A component that is a server. */
export type ServerHandle = Pick<ComponentHandle<ServerValue>, "name" | "value">;

/** The servers of the bus, and where records go. */
export interface FollowOptions {
  /** The servers, whose addresses and requests in flight are told. */
  readonly servers: readonly ServerHandle[];
  /** Takes a record that the bus itself has not logged. */
  readonly emit: (record: LogRecord) => void;
}

/** Milliseconds that a phase has left, with its state; of a start also whether it was given up. */
export interface Outlook {
  readonly state: string;
  /** Milliseconds until the bus goes on. */
  readonly leftMs: number;
  /** Whether the listeners of a start were told to give up. */
  readonly givenUp: boolean;
  /** Why the bus is in this state. */
  readonly reason: Reason;
}

/** Before the components, which run at 50. */
const FIRST = { name: "log", priority: 0 };

const PHASES = ["start", "drain", "stop", "exit"] as const;

/** One bus that is followed. */
export class Follower {
  readonly #bus: ProcessBus;
  readonly #options: FollowOptions;
  readonly #subscriptions: { unsubscribe(): boolean }[] = [];
  /** When the start or the stop under way began; `performance` counts from the start of the process. */
  #since = 0;
  #entered = 0;
  #stopping = false;
  #ran = false;
  #forced = false;
  #closed = false;
  #phase: Phase | undefined;
  #signal: Reason | undefined;
  #cause: { readonly goal?: unknown; readonly by?: unknown; readonly name?: unknown } = {};

  constructor(bus: ProcessBus, options: FollowOptions) {
    this.#bus = bus;
    this.#options = options;
    for (const state of PHASES) {
      this.#subscriptions.push(bus.subscribe(state, (phase) => this.#enter(phase), FIRST));
    }
    this.#subscriptions.push(
      bus.subscribe("signal", (reason) => this.#signal = reason, FIRST),
      bus.subscribe("run", () => this.#phase = undefined, FIRST),
      bus.subscribe("idle", () => this.#phase = undefined, FIRST),
    );
  }

  /** How many requests a component has in flight. */
  readonly requestsOf = (component: string): number | undefined => this.#server(component)?.inFlight;

  /** The calls that are pending now, as data. */
  calls(): LoggedCall[] {
    return pendingCalls(this.#bus.inspect(), this.requestsOf);
  }

  /** The calls that are pending now, as lines for a person; at most `rows`. */
  lines(rows?: number): string[] {
    const { requestsOf } = this;
    return pendingLines(this.#bus.inspect(), { requestsOf, ...rows !== undefined && { rows } });
  }

  /** How much time is left of the start or the stop; undefined while neither is under way. */
  outlook(): Outlook | undefined {
    if (!this.#phase) return undefined;
    const { state, reason, signal } = this.#phase;
    return { state, leftMs: this.#phase.left(), givenUp: state === "start" && signal.aborted, reason };
  }

  /** The requests that all servers have in flight; undefined where there is no server. */
  requests(): number | undefined {
    const counts = this.#options.servers.map(({ name }) => this.requestsOf(name));
    const known = counts.filter((count) => count !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
  }

  /** Adds to the record what is known from earlier records and from the servers. */
  follow(record: LogRecord): LogRecord {
    const { event, component, status } = record;
    if (event === "state") return this.#state(record);
    if (event === "settled" && record.state === "run") return this.#ready(record);
    if (event === "exit") return { ...record, ms: performance.now() - this.#since };
    if (event === "forced") {
      this.#forced = true;
      const { pending } = record;
      return { ...record, pending: Array.isArray(pending) ? pending.map((call) => this.#counted(call)) : [] };
    }
    if (event === "inspect") {
      // The message of the bus is the report as JSON, for a log that has no fields; here the field has it.
      return { ...record, message: "Inspected", ...this.#circumstances() };
    }
    if (event === "component" && status === "up" && typeof component === "string") {
      const url = this.#server(component)?.url;
      return url === undefined ? record : { ...record, url };
    }
    return this.#forced && followsForce(record) ? { ...record, level: "debug" } : record;
  }

  /** Stops following it. */
  close(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    if (phase.state !== "start") return;
    if (this.#stopping) this.#since = performance.now();
    this.#stopping = false;
    // The state "drain" begins only when the components of a start that is given up have come to an end: a person
    // who pressed Ctrl-C is answered now.
    const abort = () => {
      const { name } = Object(phase.signal.reason) as { name?: unknown };
      if (this.#closed || name !== "AbortError" || !this.#stop()) return;
      const { bus, state } = { bus: this.#bus.name, state: phase.state };
      const { name: signal, by = "call" } = this.#signal ?? {};
      const message = `${signal ? `${signal}: ` : ""}the start is given up`;
      const base = { time: this.#bus.platform.clock.time(), level: "info", message, bus, state } as const;
      this.#options.emit({ ...base, event: "stopping", goal: "exit", by, name: signal });
    };
    phase.signal.addEventListener("abort", abort);
  }

  #state(record: LogRecord): LogRecord {
    const { state, goal, by, name } = record;
    this.#entered = performance.now();
    this.#cause = { goal, by, name };
    return state === "drain" && this.#stop() ? { ...record, stopping: true } : record;
  }

  #ready(record: LogRecord): LogRecord {
    const again = this.#ran;
    this.#ran = true;
    const ms = performance.now() - this.#since;
    const message = `Ready${again ? " again" : ""} after ${Math.round(ms)} ms`;
    return { ...record, level: "info", message, ms, ready: true, ...again && { again } };
  }

  /** Notes that the stop begins; false where that was noted before. */
  #stop(): boolean {
    if (this.#stopping) return false;
    this.#stopping = true;
    this.#since = performance.now();
    return true;
  }

  #counted(call: LoggedCall): LoggedCall {
    const requests = this.requestsOf(call.listener);
    return requests === undefined ? call : { ...call, requests };
  }

  /** The facts beside the report: the process, the time that is left, and the reason. */
  #circumstances(): Record<string, unknown> {
    const { pid } = (globalThis as { process?: { pid?: unknown } }).process ?? {};
    const now = performance.now();
    return {
      ...this.#cause,
      ...typeof pid === "number" && { pid, uptimeMs: now },
      inStateMs: now - this.#entered,
      requests: this.requests(),
      pending: this.calls(),
    };
  }

  #server(component: string): ServerValue | undefined {
    try {
      return this.#options.servers.find(({ name }) => name === component)?.value;
    } catch {
      // It is not up, and has no value.
      return undefined;
    }
  }
}
