/**
 * What the tests of found faults have in common.
 * @module
 */
import { type LogRecord, ProcessBus, type ProcessBusOptions } from "../../../mod.ts";
import { testing, type TestingOptions } from "../../../platforms/testing.ts";

/** A program, and what was written down of it. */
export interface Program {
  readonly bus: ProcessBus;
  readonly platform: ReturnType<typeof testing>;
  /** What happened, in order; `note` adds to it. */
  readonly notes: string[];
  note(text: string): void;
  readonly records: LogRecord[];
  /** Whether a record tells of this error. */
  logged(error: Error): boolean;
  sleep(ms: number): Promise<void>;
}

/** Makes a program. */
export function program(options: Partial<ProcessBusOptions> = {}, host: TestingOptions = {}): Program {
  const platform = testing(host);
  const bus = new ProcessBus({ platform, ...options });
  const notes: string[] = [];
  const records: LogRecord[] = [];
  bus.subscribe("log", (record) => {
    records.push(record);
  });
  return {
    bus,
    platform,
    notes,
    note: (text) => void notes.push(text),
    records,
    logged: (error) => records.some((record) => record.error === error),
    sleep: (ms) => new Promise((resolve) => platform.clock.setTimer(ms, resolve)),
  };
}

/** What a promise rejected with, once it has. */
export function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => undefined, (error) => error);
}

/** Waits for so many microtasks. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await undefined;
}
