/**
 * What stands behind a bus: its channels, its log, and the two ways to publish.
 * @module
 */
import { Call, Channel, type Entry, isThenable, type Result } from "./channel.ts";
import type { ComponentReport } from "./component.ts";
import { Deadline } from "./deadline.ts";
import { ChannelFailures, type Failure, textOf } from "./errors.ts";
import type { Clock } from "./platform.ts";
import { Round } from "./round.ts";
import type { Goal, State } from "./states.ts";

/** One line of the log, as data. */
export interface LogRecord {
  /** Wall time, milliseconds since 1970. */
  readonly time: number;
  /** How much it matters. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** What happened, in words. */
  readonly message: string;
  /** The name of the bus. */
  readonly bus: string;
  /** Where the bus stood. */
  readonly state?: State;
  /** What was thrown. */
  readonly error?: unknown;
  /** More about it. */
  readonly [field: string]: unknown;
}

/** What `log` takes beside the message: all of a record, but what the bus itself knows. */
export interface LogDetails {
  /** How much it matters. Default "info". */
  readonly level?: LogRecord["level"];
  /** Where the bus stood, where that is not where it stands. */
  readonly state?: State;
  /** What was thrown. */
  readonly error?: unknown;
  /** More about it. */
  readonly [field: string]: unknown;
}

/** Everything a bus knows of itself, as plain data: for a log, a health page, a test. */
export interface BusReport {
  /** The name of the bus. */
  readonly bus: string;
  /** Where it stands. */
  readonly state?: State;
  /** What it is on its way to. */
  readonly goal?: Goal;
  /** How many reloads it has had. */
  readonly generation?: number;
  /** The listeners of each channel in their order; `running` is for how many milliseconds one has been at work. */
  readonly channels: Readonly<Record<string, readonly ListenerReport[]>>;
  /** The components in the order of `use`. */
  readonly components?: readonly ComponentReport[];
}

/** One listener in a report. */
export interface ListenerReport {
  /** Its name. */
  readonly name: string;
  /** Its priority. */
  readonly priority: number;
  /** Milliseconds since it was called, while it has not settled. */
  readonly running?: number;
}

/** The inside of a bus, which the rest of `src/` shares and users never see. */
export class Core {
  readonly name: string;
  readonly clock: Clock;
  readonly channels: Map<string, Channel> = new Map();
  /** The channels that only the bus publishes on. */
  own: readonly string[] = ["log"];
  /** Takes the warnings and errors that no log listener took. */
  report: ((record: LogRecord) => void) | undefined;
  /** Where a process bus stands, for the records. */
  state: (() => State) | undefined;
  /** The log listeners that caused what is being logged. */
  #causes: readonly Entry[] = [];

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.clock = clock;
  }

  /** The channel of that name, which comes into being by its first use. */
  channel(name: string): Channel {
    let channel = this.channels.get(name);
    if (!channel) this.channels.set(name, channel = new Channel(name, this));
    return channel;
  }

  /** Whether anybody listens to the log. */
  get isHeard(): boolean {
    return this.channel("log").entries.length > 0;
  }

  /** Publishes a record on `log`; what no listener takes and matters goes to the platform. */
  log(message: string, details?: LogDetails): void {
    const { clock, name: bus, state } = this;
    const log = this.channel("log");
    const { entries } = log;
    const level = details?.level ?? "info";
    const matters = level !== "debug" && level !== "info";
    if (!matters && entries.length === 0) return;
    const where = state && { state: state() };
    const record: LogRecord = { level: "info", ...where, ...details, time: clock.time(), message, bus };
    let taken = false;
    for (const entry of entries) {
      if (this.#causes.includes(entry) || !log.turn(entry)) continue;
      taken = true;
      const causes = [...this.#causes, entry];
      this.#quietly(causes, () => {
        const value = call(entry, [record]);
        if (isThenable(value)) value.then(undefined, (error) => this.#quietly(causes, () => fail(error)));
      });
    }
    if (taken || !matters) return;
    try {
      this.report?.(record);
    } catch { /* The last resort failed: nobody is left to be told. */ }
  }

  /** Keeps a log listener from the records that it causes, so that a log can neither fail nor loop. */
  #quietly(causes: readonly Entry[], body: () => void): void {
    const before = this.#causes;
    this.#causes = causes;
    try {
      body();
    } catch (error) {
      this.log(`Log listener "${causes.at(-1)!.name}" failed: ${textOf(error)}`, { level: "error", error });
    }
    this.#causes = before;
  }

  /** Calls all and awaits nothing. @throws {ChannelFailures} */
  publishSync(channel: Channel, args: readonly unknown[]): unknown[] {
    const { entries } = channel;
    const { length } = entries;
    // A copy costs less than a list that grows; most listeners return nothing.
    const values: unknown[] = channel.nothing.slice();
    let count = 0;
    let failures: Failure[] | undefined;
    for (let at = 0; at < length; at++) {
      const { listener, removed, once } = entries[at]!;
      if (removed) continue;
      if (once) channel.remove(listener);
      try {
        const value = args.length === 1 ? listener(args[0] as never) : listener(...args as never[]);
        if (value !== undefined) {
          values[count] = value;
          if (isThenable(value)) this.#watch({ channel, entry: entries[at]!, value });
        }
        count++;
      } catch (error) {
        failures ??= [];
        const { name } = entries[at]!;
        failures.push({ channel: channel.name, listener: name, kind: "throw", ms: 0, error });
      }
    }
    if (failures) throw new ChannelFailures(failures);
    if (count < length) values.length = count;
    return values;
  }

  /** Keeps an eye on what `publishSync` does not await. */
  #watch({ channel, entry, value }: { channel: Channel; entry: Entry; value: unknown }): void {
    const done = (_: Call, result: Result) => this.logFailed(result);
    new Call({ channel, deadline: undefined, body: () => value, done, late() {} }, entry).begin();
  }

  /** Calls one after another, awaiting each. */
  async publish(channel: Channel, args: readonly unknown[]): Promise<unknown[]> {
    const { name, isLimited } = channel;
    const deadline = isLimited ? new Deadline(this.clock, name, Infinity, Infinity) : undefined;
    const values: unknown[] = [];
    const done = (_: Entry, value: unknown) => values.push(value);
    const round = new Round(channel, { deadline, done, call: ({ entry }) => call(entry, args) });
    await round.run();
    deadline?.close();
    if (round.failures.length > 0) throw new ChannelFailures(round.failures);
    return values;
  }

  /** Logs what came of a piece of work, where it failed. */
  logFailed(result: Result): void {
    if ("failure" in result) this.logFailure(result.failure);
  }

  /** Every failure is logged, so that no caller must look at the promise it got. */
  logFailure({ listener, channel, kind, ms, error }: Failure): void {
    const details = { level: "error", error, listener, channel, kind, ms } as const;
    this.log(`"${listener}" on "${channel}" failed: ${textOf(error)}`, details);
  }

  /** Who has been called and has not settled, such as `"db" on "stop"`. */
  running(): string[] {
    return [...this.channels.values()].flatMap(({ name, calls }) => {
      return [...calls].map(({ entry }) => `"${entry.name}" on "${name}"`);
    });
  }

  /** The channels in use, with who is at work. */
  inspect(): Pick<BusReport, "bus" | "channels"> {
    const now = this.clock.now();
    const channels: Record<string, readonly ListenerReport[]> = {};
    for (const channel of this.channels.values()) channels[channel.name] = listenersOf(channel, now);
    return { bus: this.name, channels };
  }
}

/** The listeners in order, then what else was called on the channel and has not settled. */
function listenersOf({ entries, calls }: Channel, now: number): ListenerReport[] {
  const report = ({ name, priority }: { name: string; priority: number }, call: Call | undefined) => {
    return { name, priority, ...call && { running: now - call.since } };
  };
  const others = [...calls].filter(({ entry }) => !entries.includes(entry));
  return [
    ...entries.map((entry) => report(entry, [...calls].find((call) => call.entry === entry))),
    ...others.map((call) => report(call.entry, call)),
  ];
}

/** Calls a listener as a plain function: nothing of the bus is its `this`. */
function call({ listener }: Entry, args: readonly unknown[]): unknown {
  // Spreading costs a multiple of a call with one argument, which is what most have.
  return args.length === 1 ? listener(args[0] as never) : listener(...args as never[]);
}

function fail(error: unknown): never {
  throw error;
}

/** Who is late, as the end of a sentence: ` while "db" on "stop" still runs`, or nothing. */
export function whileRuns(running: readonly string[]): string {
  return running.length > 0 ? ` while ${running.join(", ")} still runs` : "";
}
