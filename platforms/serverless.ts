/**
 * The platform of a host that owns the loop: the bus starts on the first invocation, or in the host's init phase, and
 * stops on the host's notice, if it has one. Each host has an entry point of its own, which wraps the application; use
 * this one for a host that has none.
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
import { type Sleep, sleepBy } from "./serverless/sleep.ts";

export type { FlushTime, ServerlessChannels } from "./serverless/channels.ts";
export type { Gate, ShutdownReason } from "./serverless/gate.ts";
export type { Invocation, InvocationContext } from "./serverless/invocation.ts";
export type { Sleep } from "./serverless/sleep.ts";
export { isNotReady, type NotReadyDetails, NotReadyError } from "./serverless/not_ready_error.ts";

/** What may be set of a serverless platform. */
export interface ServerlessOptions {
  /** Its name, for messages. Default "serverless". */
  readonly name?: string;
  /**
   * What the host can do. Default: it reuses an instance call by call, many at a time, work goes on between them, and
   * it gives no notice of its end.
   */
  readonly traits?: Partial<Traits>;
  /**
   * Milliseconds that an invocation waits for the bus to start, and the deadline of `start`; where an invocation's
   * sockets and timers end with it, that is half of it, so that there is time for another one. Default 10 000.
   */
  readonly startWithin?: number;
  /** Milliseconds after a failed start before an invocation may ask for another; doubled for each further one. Default 100. */
  readonly retryDelay?: number;
  /** The longest of these pauses, in milliseconds. Default 10 000. */
  readonly maxRetryDelay?: number;
  /** Milliseconds between two invocations after which `thaw` is published, where the host freezes. Default 1 000. */
  readonly thawAfterMs?: number;
  /** Takes warnings and errors that no log listener took, as lines. Default `console.error`. */
  readonly report?: (line: string) => void;
  /** Takes over what the host has for signals, when the bus begins. Default: nothing. */
  readonly attach?: (control: Control) => void | Promise<void>;
  /** Ends the instance, once the bus has: see `leave` of a platform. Default: nothing, as the host ends it. */
  readonly leave?: (outcome: Outcome) => void | Promise<void>;
  /** How an invocation waits for what another one does, where that needs more than a timer. */
  readonly sleep?: (ms: number) => Sleep;
  /**
   * Whether a listener that waits for its own phase is refused at once, instead of at the phase's deadline; it takes
   * `node:async_hooks`. Default: where the runtime has that.
   */
  readonly context?: boolean;
  /** Its time. Default: the web's. */
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

/**
 * Makes the platform of a serverless host, for one bus. A failed start leads back to `idle`, so that a later invocation
 * starts it again. `block()` and `run()` throw a `TraitError`, since the host owns the loop. Where the host gives
 * notice of its end, the deadlines of `drain`, `stop` and `exit` are made to fit into it.
 *
 * @throws {TypeError} Where an option is unknown or of a wrong type.
 * @throws {RangeError} Where a time is no number of milliseconds.
 */
export function serverless(options: ServerlessOptions = {}): ServerlessPlatform {
  checkKeys(ACTION, options, OPTIONS);
  const { name = "serverless", startWithin = 10_000, retryDelay = 100, maxRetryDelay = 10_000 } = options;
  const { thawAfterMs = 1_000, clock = webClock, attach, leave, sleep = sleepBy(clock) } = options;
  const { report = (line: string) => console.error(line) } = options;
  checkName(ACTION, name);
  for (const [field, ms] of Object.entries({ startWithin, retryDelay, maxRetryDelay, thawAfterMs })) {
    checkMs(ACTION, field, ms);
  }
  for (const [field, one] of Object.entries({ report, attach, leave, sleep })) {
    checkFunction(ACTION, field, one, true);
  }
  const traits: Traits = { ...SERIAL, ...options.traits };
  // Another invocation can only know by its deadline that a start has died with the one that drove it.
  const start = traits.ioOutsideRequests ? startWithin : startWithin / 2;
  const context = options.context === false ? undefined : ownAsyncContext();
  const own = new BusGate({ clock, traits, startWithin, retryDelay, maxRetryDelay, thawAfterMs, sleep });
  let holder: string | undefined;
  return {
    name,
    traits,
    clock,
    ...context && { context },
    defaults: {
      onStartFailure: "idle",
      deadlines: { enter: start, start, ...fitting(traits) },
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
    pulse(state, settled) {
      own.pulse(state, settled);
    },
    report: (record) => report(reportLine(record)),
    leave(outcome) {
      own.leave(outcome);
      return leave?.(outcome);
    },
    [gateOf]: (bus) => own.open(bus),
  };
}

/** The deadlines of the end that fit into the host's notice, by the rule that a notice is shared by. */
function fitting(
  { notice }: Traits,
): { readonly drain?: number; readonly stop?: number; readonly exit?: number } {
  if (notice === "none") return {};
  const exit = Math.min(5_000, notice.graceMs / 5);
  const stop = Math.min(10_000, (notice.graceMs - exit) / 2);
  return { exit, stop, drain: Math.min(10_000, notice.graceMs - exit - stop) };
}

/**
 * The gate of a bus, always the same one.
 *
 * @throws {TypeError} Where the bus's platform is no serverless one, naming it.
 */
export function gate<C extends object>(bus: ProcessBus<C>): Gate {
  const platform = (bus as Partial<ProcessBus<C>> | undefined)?.platform as
    | Partial<ServerlessPlatform>
    | undefined;
  const open = platform?.[gateOf];
  if (open) return open(bus as unknown as ProcessBus<ServerlessChannels>);
  const found = platform === undefined ? `${show(bus)} is no bus` : `its platform is ${show(platform.name)}`;
  throw new TypeError(`Cannot make a gate: ${found}, expected one such as serverless()`);
}
