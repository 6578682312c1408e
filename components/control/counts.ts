/**
 * The counts of a bus, made of the records of its log.
 * @module
 */
import type { ProcessBus } from "../../src/process_bus.ts";
import type { LogRecord } from "../../src/records.ts";
import type { Pool } from "../units/pool_value.ts";
import { poolsOf } from "../units/pools_of.ts";
import { watchLog } from "./watch_log.ts";

/** Counters, from when this is made. */
export class Counts {
  /** When the present state was entered, by the bus's clock. */
  enteredAt: number;
  /** Failures of listeners and components. */
  failures = 0;
  /** The last of them, in words. */
  lastFailure = "";
  /** Calls that the bus has gone on without. */
  late = 0;
  /** Warnings and errors in the log. */
  readonly records = { warn: 0, error: 0 };
  /** Reloads by how they ended: `committed`, `vetoed` or `overtaken`. */
  readonly reloads: Map<string, number> = new Map([["committed", 0], ["vetoed", 0]]);
  /** How many units ended unasked or by force, and how many were replaced since they were used up. */
  readonly units = { failed: 0, killed: 0, recycled: 0, ready: 0 };
  /** How often each component has come up. */
  readonly starts: Map<string, number> = new Map();
  /** How long the last start and the last stop of each component took, in milliseconds. */
  readonly startMs: Map<string, number> = new Map();
  readonly stopMs: Map<string, number> = new Map();
  /** How long each state took when it was last passed, in milliseconds. */
  readonly stateMs: Map<string, number> = new Map();
  /** The pools that ran when the last stop began: some of their units may still be there. */
  #stopping: readonly Pool[] = [];
  readonly #bus: ProcessBus;
  readonly #unwatch: () => void;

  constructor(bus: ProcessBus) {
    this.#bus = bus;
    this.enteredAt = bus.platform.clock.now();
    this.#unwatch = watchLog(bus, (record) => this.#take(record));
  }

  /** The pools that run, or that are being stopped. */
  pools(): readonly Pool[] {
    const running = poolsOf(this.#bus);
    return running.length > 0 ? running : this.#stopping;
  }

  /** Ends the counting. */
  close(): void {
    this.#unwatch();
  }

  #take(record: LogRecord): void {
    const { event, level, state, ms } = record;
    if (level === "warn" || level === "error") this.records[level]++;
    switch (event) {
      case "state":
        this.enteredAt = this.#bus.platform.clock.now();
        if (state === "drain") this.#stopping = poolsOf(this.#bus);
        else if (state !== "stop") this.#stopping = [];
        break;
      case "settled":
        if (typeof ms === "number") this.stateMs.set(String(state), ms);
        break;
      case "component":
        this.#component(record);
        break;
      case "failure":
        this.failures++;
        this.lastFailure = record.message;
        if (record["kind"] === "timeout") this.late++;
        break;
      case "reload":
        this.#add(this.reloads, String(record["outcome"] ?? "committed"));
        break;
      case "unit ready":
      case "unit failed":
      case "unit killed":
      case "unit recycled":
        this.units[event.slice("unit ".length) as keyof typeof this.units]++;
        break;
    }
  }

  #component({ component, status, ms }: LogRecord): void {
    if (typeof component !== "string" || typeof ms !== "number") return;
    if (status === "up") {
      this.startMs.set(component, ms);
      this.#add(this.starts, component);
    } else if (status === "down") this.stopMs.set(component, ms);
  }

  #add(counts: Map<string, number>, key: string): void {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
