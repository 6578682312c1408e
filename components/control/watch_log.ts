/**
 * The log of a bus for those who only look at it. A record counts as taken only where somebody else listens: what matters in a
 * log without a listener still goes to the platform, which writes it to the standard error.
 * @module
 */
import type { Subscription } from "../../src/bus.ts";
import { listenersOf } from "../../src/internal.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { LogRecord } from "../../src/records.ts";

type Watcher = (record: LogRecord) => void;

const watched = new WeakMap<ProcessBus, Set<Watcher>>();

/** Calls `watcher` with each record from now on; returns its undo. All watchers of a bus are one listener of its log. */
export function watchLog(bus: ProcessBus, watcher: Watcher): () => void {
  const watchers = watched.get(bus) ?? new Set();
  watched.set(bus, watchers.add(watcher));
  if (watchers.size === 1) listeners.set(watchers, subscribe(bus, watchers));
  return () => {
    if (!watchers.delete(watcher) || watchers.size > 0) return;
    listeners.get(watchers)?.unsubscribe();
    watched.delete(bus);
  };
}

const listeners = new WeakMap<Set<Watcher>, Subscription>();

function subscribe(bus: ProcessBus, watchers: ReadonlySet<Watcher>): Subscription {
  const log = listenersOf(bus, "log");
  return bus.subscribe("log", (record) => {
    const matters = record.level === "warn" || record.level === "error";
    if (matters && log.count === 1) bus.platform.report(record);
    for (const watcher of watchers) watcher(record);
  }, { name: "control" });
}
