/**
 * The platform of a host that owns the event loop: the bus starts on the first invocation, or in the host's init phase,
 * and stops on the host's notice, if the host gives one. Each known host has an entry point of its own; use this one for
 * any other host.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { gate, serverless } from "@sitebus/sitebus/serverless";
 *
 * const bus = new ProcessBus({ platform: serverless({ traits: { notice: { kind: "SIGTERM", graceMs: 500 } } }) });
 * const db = bus.use({ name: "db", start: () => "connection" });
 * const host = gate(bus);
 *
 * const invoke = (event: string) => host.run({ id: event }, () => `${event} by the ${db.value}`);
 * console.log(await invoke("first")); // first by the connection
 * console.log(await host.shutdown({ name: "SIGTERM", leftMs: 500 })); // 0
 * ```
 * @module
 */
import { checkFunction, checkKeys, checkMs, checkName, show } from "../src/check.ts";
import { TraitError } from "../src/errors.ts";
import {
  type Clock,
  type Control,
  LONG_LIVED,
  type Outcome,
  type Platform,
  type Traits,
} from "../src/platform.ts";
import type { ProcessBus } from "../src/process_bus.ts";
import { webClock } from "../src/web_clock.ts";
import { ownAsyncContext } from "./process/async_context.ts";
import { reportLine } from "./process/report_line.ts";
import type { ServerlessChannels } from "./serverless/channels.ts";
import { BusGate, type Gate } from "./serverless/gate.ts";
import { stopDeadlines } from "./serverless/notice.ts";
import { type Sleep, sleepBy } from "./serverless/sleep.ts";
import { observe, type ObservedPlatform } from "./testing/observer.ts";

export type { FlushTime, ServerlessChannels } from "./serverless/channels.ts";
export type { Gate, ShutdownReason } from "./serverless/gate.ts";
export type { Invocation, InvocationContext } from "./serverless/invocation.ts";
export type { ServerlessEvent } from "./serverless/log_event.ts";
export type { Sleep } from "./serverless/sleep.ts";
export { isNotReady, type NotReadyDetails, NotReadyError } from "./serverless/not_ready_error.ts";

/** The options of a serverless platform. */
export interface ServerlessOptions {
  /** The name of the platform, for messages. Default "serverless". */
  readonly name?: string;
  /**
   * The abilities of the host. Default: it uses an instance for many invocations, many at a time, lets work go on between
   * them, and gives no notice of its end.
   */
  readonly traits?: Partial<Traits>;
  /**
   * Milliseconds that an invocation waits for the bus to start, and the deadline of `start`. Where sockets and timers end
   * with their invocation, the deadline is half of it, so that another invocation has time for another start.
   * Default 10 000.
   */
  readonly startWithin?: number;
  /** Milliseconds after a failed start before an invocation may ask for another; doubled for each further failure. Default 100. */
  readonly retryDelay?: number;
  /** The longest of these pauses, in milliseconds. Default 10 000. */
  readonly maxRetryDelay?: number;
  /** Milliseconds between two invocations after which `thaw` is published, if the host freezes. Default 1 000. */
  readonly thawAfterMs?: number;
  /** Takes warnings and errors that no log listener took, as lines. Default `console.error`. */
  readonly report?: (line: string) => void;
  /** Takes over the host's signals, when the bus begins. Default: nothing. */
  readonly attach?: (control: Control) => void | Promise<void>;
  /** Ends the instance, once the bus has ended: see `leave` of a platform. Default: nothing, as the host ends it. */
  readonly leave?: (outcome: Outcome) => void | Promise<void>;
  /** How an invocation waits for what another invocation does, if that needs more than a timer. */
  readonly sleep?: (ms: number) => Sleep;
  /**
   * Whether a listener that waits for its own phase is refused at once, instead of at the phase's deadline; this needs
   * `node:async_hooks`. Default: true where the runtime has that module.
   */
  readonly context?: boolean;
  /** The clock of the bus. Default: the web's. */
  readonly clock?: Clock;
}

/** Marks a serverless platform; two copies of this package may meet. */
export const gateOf: unique symbol = Symbol.for("sitebus.serverless.gate");

/** A platform that has a gate. */
export interface ServerlessPlatform extends Platform {
  /** The gate of the platform's bus. Use {@linkcode gate}. */
  readonly [gateOf]: (bus: ProcessBus<ServerlessChannels>) => Gate;
}

const ACTION = "Cannot use the serverless platform";

const OPTIONS = [
  "name",
  "traits",
  "startWithin",
  "retryDelay",
  "maxRetryDelay",
  "thawAfterMs",
  "report",
  "attach",
  "leave",
  "sleep",
  "context",
  "clock",
];

const SERIAL: Traits = { ...LONG_LIVED, lifetime: "serial" };

/** The defaults of the gate's times, in milliseconds. */
const TIMES = { startWithin: 10_000, retryDelay: 100, maxRetryDelay: 10_000, thawAfterMs: 1_000 };

/**
 * Makes the platform of a serverless host, for one bus. A failed start leads back to `idle`, so that a later invocation
 * starts the bus again. `block()` and `run()` throw a `TraitError`, since the host owns the event loop. Where the host
 * gives notice of its end, the deadlines of `drain`, `stop` and `exit` are made to fit into it.
 *
 * @throws {TypeError} If an option is unknown or of a wrong type.
 * @throws {RangeError} If a time is no number of milliseconds.
 */
export function serverless(options: ServerlessOptions = {}): ServerlessPlatform {
  checkKeys(ACTION, options, OPTIONS);
  const { name = "serverless", startWithin = TIMES.startWithin, retryDelay = TIMES.retryDelay } = options;
  const { maxRetryDelay = TIMES.maxRetryDelay, thawAfterMs = TIMES.thawAfterMs } = options;
  const { clock = webClock, attach, leave, sleep = sleepBy(clock) } = options;
  const { report = (line: string) => console.error(line) } = options;
  checkName(ACTION, name);
  const times = { startWithin, retryDelay, maxRetryDelay, thawAfterMs };
  for (const [field, ms] of Object.entries(times)) checkMs(ACTION, field, ms);
  for (const [field, one] of Object.entries({ report, attach, leave, sleep })) {
    checkFunction(ACTION, field, one, true);
  }
  const traits: Traits = { ...SERIAL, ...options.traits };
  // Only by this deadline another invocation knows that a start has died with the invocation that drove it.
  const start = traits.ioOutsideRequests ? startWithin : startWithin / 2;
  const context = options.context === false ? undefined : ownAsyncContext();
  const own = new BusGate({ clock, traits, sleep, ...times });
  let holder: string | undefined;
  return {
    name,
    traits,
    clock,
    ...context && { context },
    defaults: {
      onStartFailure: "idle",
      deadlines: { enter: start, start, ...stopDeadlines(traits) },
    },
    attach(control) {
      if (holder !== undefined) {
        throw new Error(
          `Cannot attach the bus "${control.bus}": the bus "${holder}" has this platform already`,
        );
      }
      holder = control.bus;
      own.attach(control);
      return attach?.(control);
    },
    park() {
      const message = `Cannot block on the ${name} platform: its host owns the loop`;
      throw new TraitError("park", true, false, message);
    },
    pulse: own.pulse.bind(own),
    report: (record) => report(reportLine(record)),
    async leave(outcome) {
      try {
        await leave?.(outcome);
      } finally {
        // A host that waits for the gate may end the process right after this.
        own.leave(outcome);
      }
    },
    [gateOf]: own.open.bind(own),
  };
}

/**
 * Returns the gate of a bus, always the same one. A testing platform has one, too: with the traits that the test gave it,
 * and the default times.
 *
 * @throws {TypeError} If the platform of the bus is neither a serverless nor a testing one; the error names it.
 */
export function gate<C extends object>(bus: ProcessBus<C>): Gate {
  const platform = (bus as Partial<ProcessBus<C>> | undefined)?.platform as
    | (Platform & Partial<ServerlessPlatform & ObservedPlatform>)
    | undefined;
  const open = platform?.[gateOf] ?? testingGate(platform);
  if (open) return open(bus as unknown as ProcessBus<ServerlessChannels>);
  const found = platform === undefined ? `${show(bus)} is no bus` : `its platform is ${show(platform.name)}`;
  throw new TypeError(`Cannot make a gate: ${found}, expected one such as serverless()`);
}

/** The gates of testing platforms. */
const observers = new WeakMap<Platform, BusGate>();

function testingGate(
  platform: Platform & Partial<ObservedPlatform> | undefined,
): ServerlessPlatform[typeof gateOf] | undefined {
  if (!platform?.[observe]) return undefined;
  const { clock, traits } = platform;
  let own = observers.get(platform);
  if (!own) {
    own = new BusGate({ clock, traits, sleep: sleepBy(clock), ...TIMES });
    observers.set(platform, own);
    platform[observe](own);
  }
  return own.open.bind(own);
}
