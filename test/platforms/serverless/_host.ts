/**
 * A bus on a serverless platform with a virtual clock.
 * @module
 */
import { type LogRecord, ProcessBus } from "../../../mod.ts";
import {
  type Gate,
  gate,
  serverless,
  type ServerlessChannels,
  type ServerlessOptions,
} from "../../../platforms/serverless.ts";
import type { Traits } from "../../../src/platform.ts";
import { makeRequests, type Requests } from "./_requests.ts";
import { testing, type TestingPlatform } from "../../../platforms/testing.ts";

/** A host, and the bus on it. */
export interface Host {
  readonly bus: ProcessBus<ServerlessChannels>;
  readonly host: Gate;
  readonly requests: Requests;
  /** The testing platform whose clock the bus has. */
  readonly time: TestingPlatform;
  readonly records: readonly LogRecord[];
  /** What the listeners of the test have done, in order. */
  readonly did: string[];
  /** Runs an invocation that answers "served". */
  serve(): Promise<string>;
  settle<T>(promise: Promise<T> | T | undefined): Promise<T>;
  /** How many records with these fields were logged. */
  logged(fields: Partial<LogRecord>): number;
}

/** The traits of a host that gives a second of notice. */
export const NOTICE: Partial<Traits> = { notice: { kind: "SIGTERM", graceMs: 1_000 } };

/** Makes a bus on a serverless platform, and its gate. */
export function makeHost(options: ServerlessOptions = {}): Host {
  const time = testing();
  const requests = makeRequests(time.clock);
  const bus = new ProcessBus<ServerlessChannels>({
    platform: serverless({ clock: requests.clock, ...options }),
  });
  const records: LogRecord[] = [];
  bus.subscribe("log", (record) => void records.push(record));
  const host = gate(bus);
  return {
    bus,
    host,
    time,
    requests,
    records,
    did: [],
    serve: async () => await host.run({}, () => "served"),
    settle: (promise) => time.settle(Promise.resolve(promise) as never),
    logged: (fields) =>
      records.filter((record) => Object.entries(fields).every(([key, value]) => record[key] === value))
        .length,
  };
}
