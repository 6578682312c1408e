/**
 * Tells systemd what the bus does.
 * @module
 */
import process from "node:process";
import { setInterval, setTimeout } from "node:timers";
import { givenSockets } from "../../platforms/process/given_sockets.ts";
import { checkKeys, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { textOf } from "../../src/errors.ts";
import type { Phase } from "../../src/phase.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { LogRecord } from "../../src/records.ts";
import { monotonicMicros } from "./monotonic.ts";
import { NotifySocket } from "./notify_socket.ts";

/** The bus of which systemd is told. */
export type ToldBus = Pick<ProcessBus, "state" | "subscribe">;

/** How systemd is told. */
export interface SystemdOptions {
  /** The component's name. Default "systemd". */
  readonly name?: string;
}

/** The variables that systemd gave to this process. */
export interface Systemd {
  /** Whether it is told anything: it asked for that by `NOTIFY_SOCKET`. */
  readonly isTold: boolean;
  /** How often it wants a sign of life, in milliseconds; undefined where it wants none of this process. */
  readonly watchdogMs: number | undefined;
  /** The sockets that it holds for this process, by `FileDescriptorName=`; the value is the number. */
  readonly sockets: ReadonlyMap<string, number>;
  /** Shows a line in `systemctl status`, until the next state of the bus. */
  status(text: string): void;
}

/** The states in which a listener may need longer than the unit file allows. */
const TIMED = ["start", "drain", "stop", "exit"] as const;
/** How much longer than its deadline a state may need, for what comes after it. */
const MARGIN_MS = 5_000;

const STATUS: Readonly<Record<string, string>> = {
  start: "Starting",
  drain: "Finishing what is under way",
  stop: "Stopping the components",
  idle: "Idle",
  exit: "Ending",
};

/** The records after which a change is over. */
const DONE = ["reload", "pool rolled", "pool roll failed"];

/**
 * A component that tells systemd, where the unit file says `Type=notify` or `Type=notify-reload`: READY when the bus runs,
 * RELOADING and READY for each reload, roll and graceful restart, STOPPING at the end, the state as STATUS, and WATCHDOG as often
 * as `WatchdogSec=` wants it, while the event loop turns. In `start` and in each state of a stop it asks for the time that the
 * state has left, so that systemd waits as long as the bus does.
 *
 * Without `NOTIFY_SOCKET` in the environment it tells nothing.
 *
 * @example
 * ```ts ignore
 * import { systemd } from "@sitebus/sitebus/os";
 *
 * bus.use(systemd(bus));
 * ```
 * @throws {TypeError} If the bus is none.
 */
export function systemd(bus: ToldBus, options: SystemdOptions = {}): Component<Systemd> {
  const action = "Cannot make systemd";
  if (typeof (Object(bus) as Partial<ToldBus>).subscribe !== "function") {
    throw new TypeError(`${action}: the bus is ${show(bus)}, expected a ProcessBus`);
  }
  checkKeys(action, options, ["name"]);
  const { name = "systemd" } = options;
  checkName(action, name);
  let teller: Teller | undefined;
  return {
    name,
    start(phase) {
      const address = process.env["NOTIFY_SOCKET"];
      if (address && teller === undefined) teller = new Teller(bus, openSocket(address, phase.log));
      teller?.starts(phase);
      return {
        isTold: teller !== undefined,
        watchdogMs: watchdogMs(),
        sockets: givenSockets(),
        status: (text) => teller?.status(text),
      };
    },
    stop() {
      // It is removed while the bus runs; else there is still the end of the bus to tell.
      if (bus.state !== "run") return;
      teller?.end();
      teller = undefined;
    },
  };
}

function openSocket(address: string, log: Phase["log"]): NotifySocket {
  try {
    return new NotifySocket(address, () => {
      log(`systemd does not take what it is told, at "${address}"`, { level: "warn", event: "systemd" });
    });
  } catch (cause) {
    throw new Error(`Cannot tell systemd anything at "${address}": ${textOf(cause)}`, { cause });
  }
}

/** How often systemd wants a sign of life of this process. @see https://www.freedesktop.org/software/systemd/man/latest/sd_watchdog_enabled.html */
function watchdogMs(): number | undefined {
  const { WATCHDOG_USEC: micros, WATCHDOG_PID: pid } = process.env;
  // It is meant for the process that a wrapper has started, or for the wrapper.
  if (pid && pid !== String(process.pid)) return undefined;
  const ms = Number(micros) / 1000;
  return ms > 0 && Number.isFinite(ms) ? ms : undefined;
}

/** Tells of one bus, until its end. */
class Teller {
  readonly #socket: NotifySocket;
  readonly #subscriptions: readonly { unsubscribe(): boolean }[];
  readonly #living: ReturnType<typeof setInterval> | undefined;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #isReady = false;
  #isStopping = false;

  constructor(bus: ToldBus, socket: NotifySocket) {
    this.#socket = socket;
    const first = { priority: -Infinity, name: "systemd" };
    this.#subscriptions = [
      ...TIMED.map((state) => bus.subscribe(state, (phase) => this.#askForTime(phase), first)),
      bus.subscribe("reload", () => this.#reloads(), first),
      bus.subscribe("log", (record) => this.#take(record), { name: "systemd" }),
    ];
    const ms = watchdogMs();
    if (ms === undefined) return;
    const sign = () => this.#socket.send("WATCHDOG=1");
    sign();
    this.#living = setInterval(sign, ms / 2);
    this.#living.unref();
  }

  /** The start that is under way: its listener here came too late for it. */
  starts(phase: Phase): void {
    if (phase.state !== "start" || this.#isReady) return;
    this.#socket.send(`STATUS=${STATUS["start"]}`);
    this.#askForTime(phase);
  }

  status(text: string): void {
    this.#socket.send(`STATUS=${text.replace(/\s+/g, " ")}`);
  }

  end(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    clearInterval(this.#living);
    clearTimeout(this.#asking);
  }

  /** The bus says in its log what it does. */
  #take({ event, state, goal }: LogRecord): void {
    if (event === "state") return this.#enters(String(state), String(goal));
    if (event === "settled") {
      clearTimeout(this.#asking);
      if (state === "run") this.#ready();
      if (state === "exited") this.end();
    } else if (event === "pool rolling") this.#reloads();
    else if (DONE.includes(String(event)) && this.#isReady) this.#ready();
  }

  #enters(state: string, goal: string): void {
    const status = STATUS[state];
    const fields = status === undefined ? [] : [`STATUS=${status}`];
    // A restart may go on in this process, and a bus that only stops may start again.
    if (state === "drain" && (goal === "graceful" || goal === "restart")) fields.unshift(...reloading());
    const isEnd = goal === "exit" && this.#isReady && state !== "run";
    if (isEnd && !this.#isStopping) {
      this.#isStopping = true;
      fields.unshift("STOPPING=1");
    }
    if (fields.length > 0) this.#socket.send(...fields);
  }

  #ready(): void {
    if (this.#isStopping) return;
    this.#isReady = true;
    this.#socket.send("READY=1", "STATUS=Running");
  }

  #reloads(): void {
    if (this.#isReady) this.#socket.send(...reloading(), "STATUS=Reloading");
  }

  /** Asks for what the phase has left, again at half of that, since the phase may get more time, or end sooner. */
  #askForTime(phase: Phase): void {
    clearTimeout(this.#asking);
    const ms = phase.left() + MARGIN_MS;
    this.#socket.send(`EXTEND_TIMEOUT_USEC=${Math.round(ms * 1000)}`);
    this.#asking = setTimeout(() => this.#askForTime(phase), ms / 2);
    this.#asking.unref();
  }
}

function reloading(): string[] {
  return ["RELOADING=1", `MONOTONIC_USEC=${monotonicMicros()}`];
}
