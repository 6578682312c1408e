/**
 * A control that records: what a platform would do to its bus, without a bus.
 * @module
 */
import type { Control } from "../../src/platform.ts";
import type { Reason } from "../../src/phase.ts";

/** One request of a platform. */
export interface RecordedRequest {
  /** The requests that were made of it. */
  readonly goal: string;
  /** Why. */
  readonly reason: Reason;
}

/** One record that a platform logged. */
export interface RecordedLog {
  /** Its message. */
  readonly message: string;
  /** Its level, where the platform gave one. */
  readonly level?: string;
}

/** A control that records what it is asked. */
export interface RecordedControl extends Control {
  /** The requests, in their order. */
  readonly requests: readonly RecordedRequest[];
  /** The records, in their order. */
  readonly logs: readonly RecordedLog[];
}

/**
 * Makes a control that does nothing but record, for `platform.attach`.
 * @param bus The name of the bus that it stands for. Default "subject".
 */
export function recordedControl(bus = "subject"): RecordedControl {
  const requests: RecordedRequest[] = [];
  const logs: RecordedLog[] = [];
  return {
    bus,
    state: "enter",
    settled: false,
    requests,
    logs,
    request: (goal, reason) => void requests.push({ goal, reason }),
    reload: () => Promise.resolve([]),
    abandon: () => {},
    log: (message, details) => {
      const level = details?.level as string | undefined;
      logs.push({ message, ...(level !== undefined && { level }) });
    },
  };
}
