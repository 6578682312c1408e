/**
 * The commits of a reload that fail: the bus tells of them in its log.
 * @module
 */
import type { Bus } from "../../src/bus.ts";
import { listenersOf } from "../../src/internal.ts";
import type { Platform } from "../../src/platform.ts";
import type { ProcessChannels } from "../../src/process_bus.ts";

/** A count that goes on. */
export interface FailureCount {
  /** Ends it; returns how many there were. */
  end(): number;
}

/** Counts the failures of the reload under way. */
export function countFailures(
  bus: { readonly platform: Platform; readonly subscribe: unknown },
): FailureCount {
  const log = bus as unknown as Bus<ProcessChannels, keyof ProcessChannels>;
  const listeners = listenersOf(log, "log");
  let count = 0;
  const subscription = log.subscribe("log", (record) => {
    if (record.event === "failure" && record["channel"] === "reload") count++;
    // A bus that nobody else listens to has its platform tell what is wrong, and we are not to keep it from that.
    const isWrong = record.level === "warn" || record.level === "error";
    if (isWrong && listeners.count === 1) bus.platform.report(record);
  }, { name: "site" });
  return {
    end() {
      subscription.unsubscribe();
      return count;
    },
  };
}
