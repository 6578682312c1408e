/**
 * TEMPORARY: gives the records of the core the `event` and the fields of the contract, until the core has them.
 * @module
 */
import type { LogRecord } from "../../src/bus.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { STATES } from "../../src/states.ts";

/** Emits the records of the contract. */
export function eventsOf(bus: ProcessBus, emit: (record: LogRecord) => void): () => void {
  const time = () => bus.platform.clock.time();
  const undo: { unsubscribe(): boolean }[] = [];
  const since = new Map<string, number>();
  for (const state of STATES) {
    if (state === "initial") continue;
    const base = { bus: bus.name, state, event: "state" };
    undo.push(bus.subscribe(state, (phase) => {
      since.set(state, performance.now());
      const { by, name } = phase.reason;
      const goal = bus.inspect().goal;
      emit({
        ...base,
        time: time(),
        level: "info",
        message: `Bus state: ${state}`,
        settled: false,
        goal,
        by,
        name,
      });
    }, { name: "shim", priority: -1000 }));
    undo.push(bus.subscribe(state, () => {
      const ms = performance.now() - (since.get(state) ?? 0);
      emit({
        ...base,
        time: time(),
        level: "debug",
        message: `Bus state: ${state} settled`,
        settled: true,
        ms,
      });
    }, { name: "shim", priority: 1000 }));
  }
  undo.push(bus.subscribe("signal", (reason) => {
    emit({
      ...{ time: time(), level: "info", message: `${reason.name}`, bus: bus.name, event: "signal" },
      reason,
    });
  }, { name: "shim" }));
  let forced = false;
  const log = bus.subscribe("log", (record) => {
    const { message, component, listener, report, code, reason, generation } = record;
    const pending = () =>
      Object.entries(bus.inspect().channels).flatMap(([channel, list]) =>
        list.flatMap(({ name, running: ms }) => ms === undefined ? [] : [{ listener: name, channel, ms }])
      ).filter(({ channel }) => channel !== "log" && channel !== "run");
    if (message.startsWith("Bus state: ")) return;
    if (listener !== undefined) return emit({ ...record, event: "failure" });
    if (component !== undefined) return emit({ ...record, event: "component" });
    if (report !== undefined) return emit({ ...record, event: "inspect" });
    if (/^Exited with code/.test(message) && typeof code === "number") {
      return emit({ ...record, event: "exit", forced, pending: pending() });
    }
    if (message.startsWith("Forced by") && reason !== undefined) {
      forced = true;
      return emit({ ...record, event: "forced", pending: pending() });
    }
    if (generation !== undefined) return emit({ ...record, event: "reload", outcome: "committed" });
    emit(record);
  }, { name: "log" });
  return () => [...undo, log].forEach((one) => one.unsubscribe());
}
