/**
 * The inside of a bus: its channels, its log, the two ways to publish, and the part of a report about them.
 * @module
 */
import { callAndWatch, isThenable } from "./_adopt.ts";
import { Channel, type Entry, type Listener } from "./channel.ts";
import { Deadline } from "./deadline.ts";
import { ChannelFailures, type Failure, textOf } from "./errors.ts";
import type { Owner } from "./owner.ts";
import type { Clock } from "./platform.ts";
import type { LogDetails, LogRecord } from "./records.ts";
import { type Call, type CallHost, pendingCalls, type Step } from "./call.ts";
import { Round, type Rules } from "./round.ts";
import type { State } from "./states.ts";

/** One listener in a report. */
export interface ListenerReport {
  /** Its name. */
  readonly name: string;
  /** Its priority. */
  readonly priority: number;
  /** Milliseconds since it was called, while it has not settled; of several calls, the oldest. */
  readonly running?: number;
}

/** The channels of a report: the listeners of each in their order. */
export type ChannelReports = Readonly<Record<string, readonly ListenerReport[]>>;

/** The inside of a bus, which the rest of `src/` shares and users never see. */
export class Core implements CallHost {
  readonly name: string;
  readonly clock: Clock;
  readonly rounds: Set<Round> = new Set();
  readonly late: Set<Call> = new Set();
  /** The channels that only the bus publishes on. */
  own: readonly string[] = ["log"];
  /** Takes the warnings and errors that no log listener took. */
  report: ((record: LogRecord) => unknown) | undefined = undefined;
  /** The state of a process bus, for the records. */
  state: (() => State) | undefined = undefined;
  readonly #channels = new Map<string, Channel>();
  readonly #log: Channel;
  /** Whose record it is, where it is a guest's. */
  readonly #owners = new WeakMap<LogRecord, Owner>();
  /** The log listeners that caused what is being logged. */
  #causes: readonly Entry[] = [];

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.clock = clock;
    this.#log = this.channel("log");
  }

  /** The channel of that name, which comes into being by its first use. */
  channel(name: string): Channel {
    let channel = this.#channels.get(name);
    if (!channel) this.#channels.set(name, channel = new Channel(name, this.own.includes(name)));
    return channel;
  }

  /** Takes off all listeners of a guest. */
  removeOf(owner: Owner): void {
    for (const channel of this.#channels.values()) channel.removeOf(owner);
  }

  /** Whether anybody listens to the log. */
  get isHeard(): boolean {
    return this.#log.size > 0;
  }

  /** Publishes a record on `log`; one that matters and that no listener takes goes to the platform. Never throws. */
  readonly log = (message: string, details?: LogDetails, owner?: Owner): void => {
    try {
      this.#record(message, details, owner);
    } catch {
      // A getter of the details throws, or the platform's clock.
      try {
        this.#record(message, { level: "warn" }, owner);
      } catch { /* There is nobody left to tell. */ }
    }
  };

  /** The guest that a record is about. */
  ownerOf(record: LogRecord): Owner | undefined {
    return this.#owners.get(record);
  }

  #record(message: string, details: LogDetails | undefined, owner: Owner | undefined): void {
    const level = details?.level ?? "info";
    const matters = level !== "debug" && level !== "info";
    if (!matters && !this.isHeard) return;
    const { clock, name: bus, state } = this;
    const where = state && { state: state() };
    const whose = owner && { guest: owner.name };
    const said = typeof message === "string" ? message : textOf(message);
    const record: LogRecord = {
      level,
      ...where,
      ...details,
      ...whose,
      time: clock.time(),
      message: said,
      bus,
    };
    if (owner) this.#owners.set(record, owner);
    let isTaken = false;
    for (const entry of this.#log.list().entries) {
      if (entry.removed || this.#causes.includes(entry)) continue;
      if (entry.once) this.#log.remove(entry.listener);
      // A guest's listener sees the records of that guest alone, and takes none from the platform.
      isTaken ||= !entry.owner;
      this.#tell(entry, record);
    }
    if (isTaken || !matters) return;
    // Where the last resort fails, there is nobody left to tell.
    callAndWatch(() => this.report?.(record), () => {});
  }

  /** Calls a log listener; records that it causes are kept from it, so that a log can neither fail nor loop. */
  #tell(entry: Entry, record: LogRecord): void {
    const causes = [...this.#causes, entry];
    const quietly = (body: () => void) => {
      const before = this.#causes;
      this.#causes = causes;
      body();
      this.#causes = before;
    };
    const fail = (error: unknown) => {
      const message = `Log listener "${entry.name}" failed: ${textOf(error)}`;
      quietly(() =>
        this.log(message, { level: "error", event: "failure", listener: entry.name, channel: "log", error })
      );
    };
    const { listener } = entry;
    quietly(() => callAndWatch(() => listener(record as never), fail));
  }

  /** Calls all and awaits nothing. @throws {ChannelFailures} */
  publishSync(channel: Channel, args: readonly unknown[]): readonly unknown[] {
    const { calls, entries, nothing, hosts } = channel.list();
    const { changes } = channel;
    const { length } = calls;
    const isOne = args.length === 1;
    const arg = args[0] as never;
    // Most listeners return nothing: then all callers get the same frozen list, which costs less than a new one.
    let values: unknown[] | undefined;
    let count = 0;
    let failures: Failure[] | undefined;
    // The loop goes on behind the listener that threw: a try within the loop would cost each turn something.
    for (let at = 0; at < length;) {
      try {
        while (at < length) {
          const listener = calls[at++]!;
          if (channel.changes !== changes && entries[at - 1]!.removed) continue;
          const value = isOne ? listener(arg) : listener(...args as never[]);
          if (value !== undefined) {
            values ??= nothing.slice();
            values[count] = value;
            if (isThenable(value)) this.#watch(channel.name, entries[at - 1]!, value);
          }
          count++;
        }
      } catch (error) {
        failures ??= [];
        failures.push({
          channel: channel.name,
          listener: entries[at - 1]!.name,
          kind: "throw",
          ms: 0,
          error,
        });
      }
    }
    if (entries.length > hosts) this.#publishToGuests(channel, args);
    if (failures) throw new ChannelFailures(failures);
    if (count === length) return values ?? nothing;
    values ??= nothing.slice();
    values.length = count;
    return values;
  }

  /** Nobody awaits the value: what it fails with is logged. */
  #watch(name: string, entry: Entry, value: unknown): void {
    new Round(this, name, [], { call: () => value }).begin(entry);
  }

  /** Calls one after another, awaiting each. */
  publish(channel: Channel, args: readonly unknown[]): Promise<unknown[]> {
    const { name } = channel;
    const { isLimited, entries, hosts } = channel.list();
    const deadline = isLimited ? new Deadline(this.clock, name, Infinity) : undefined;
    const values: unknown[] = [];
    const round = new Round(this, name, hosts === entries.length ? entries : entries.slice(0, hosts), {
      call: ({ listener }) => callWith(listener, args),
      done: (value) => values.push(value),
    }, deadline);
    return new Promise((resolve, reject) =>
      round.run(() => {
        deadline?.close();
        if (entries.length > hosts) this.#publishToGuests(channel, args);
        if (round.failures.length > 0) reject(new ChannelFailures(round.failures));
        else resolve(values);
      })
    );
  }

  /** Calls the listeners of guests one after another. Nobody waits for them, and their failures are logged. */
  #publishToGuests(channel: Channel, args: readonly unknown[]): void {
    const { entries, hosts } = channel.list();
    const deadline = new Deadline(this.clock, channel.name, Infinity);
    const rules: Rules = { call: ({ listener }) => callWith(listener, args) };
    new Round(this, channel.name, entries.slice(hosts), rules, deadline).run(() => deadline.close());
  }

  /** The channels in use with their listeners, and what else was called on them and has not settled. */
  inspect(): ChannelReports {
    const now = this.clock.now();
    const running = new Map<Step, Call>();
    for (const call of pendingCalls(this)) if (!running.has(call.step)) running.set(call.step, call);
    const channels = new Map<string, ListenerReport[]>();
    const add = (on: string, { name, priority = 50 }: Step, call: Call | undefined) => {
      if (!channels.has(on)) channels.set(on, []);
      channels.get(on)!.push({ name, priority, ...call && { running: now - call.since } });
    };
    for (const [name, channel] of this.#channels) {
      channels.set(name, []);
      for (const entry of channel.list().entries) {
        add(name, entry, running.get(entry));
        running.delete(entry);
      }
    }
    for (const [step, call] of running) add(call.channel, step, call);
    // Made of entries, so that a channel named "__proto__" is one like any other.
    return Object.fromEntries(channels);
  }
}

/** Calls a listener as a plain function: nothing of the bus is its `this`. */
function callWith(listener: Listener<never[]>, args: readonly unknown[]): unknown {
  // Spreading costs a multiple of a call with one argument, which is what most have.
  return args.length === 1 ? listener(args[0] as never) : listener(...args as never[]);
}
