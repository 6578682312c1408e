/**
 * The platform of the bus inside a unit: what its process or thread needs, and the link to its site.
 * @module
 */
import process from "node:process";
import inspector from "node:inspector";
import { isMainThread, parentPort } from "node:worker_threads";
import { checkKeys } from "../../src/check.ts";
import type { Control, Platform } from "../../src/platform.ts";
import { embedded, type PortLike } from "../../platforms/embedded.ts";
import { native } from "../../platforms/native.ts";
import { endSoon } from "../../platforms/process/ending.ts";
import { checkBoolean } from "../../platforms/process/process_options.ts";
import { countConnections } from "./connection_count.ts";
import { UnitReloads } from "./unit_reloads.ts";
import { noteUpLink, UpLink } from "./up_link.ts";

/** The options of the platform of a unit. */
export interface UnitOptions {
  /** Whether errors that nobody caught are logged and exit in order with 70, instead of ending the unit at once; for processes. Default false. */
  readonly uncaught?: boolean;
}

const ACTION = "Cannot use the unit platform";

/** How long a unit has for a reload, in milliseconds: longer than its site. */
const RELOAD_MS = 120_000;

/** How long a unit waits for the first word of its site, in milliseconds. */
const WELCOME_MS = 10_000;

/**
 * Makes the platform for the bus inside a unit of a {@linkcode pool}.
 *
 * In a process, SIGTERM asks for `exit`, and SIGINT and SIGHUP for nothing: Ctrl-C reaches the whole group of processes, and the
 * site decides what becomes of it. In a thread no signal is touched. The site asks over the link, and a site that dies
 * closes it, whereupon the unit exits in order. A unit does not restart itself: its site rolls it.
 *
 * @throws {Error} Where this is no unit: neither a thread nor a process with IPC.
 * @throws {TypeError} Where an option is unknown.
 *
 * @example
 * ```ts ignore
 * // worker.ts, the entry of pool(bus, { name: "web", entry: new URL("./worker.ts", import.meta.url), … })
 * const bus = new ProcessBus({ name: "worker", platform: unit() });
 * bus.use({ name: "db", start: connect, stop: (db) => db.close() });
 * await bus.run();
 * ```
 */
export function unit(options: UnitOptions = {}): Platform {
  checkKeys(ACTION, options, ["uncaught"]);
  const uncaught = checkBoolean(ACTION, "uncaught", options.uncaught);
  const port = isMainThread ? ipc() : parentPort as PortLike | null;
  if (port === null) {
    throw new Error(
      `${ACTION}: this is neither a thread nor a child process with IPC, as a pool starts them`,
    );
  }
  const base = isMainThread ? platformOfProcess(uncaught) : platformOfThread();
  const link = new UpLink(port, !isMainThread);
  const { respawn: _, ...rest } = base;
  let reloads: UnitReloads;
  const platform: Platform = {
    ...rest,
    name: "unit",
    async attach(control) {
      await base.attach(control);
      link.reloads = reloads = new UnitReloads(link, control);
      link.open(control, inspector.url() !== undefined);
      await welcome(link, control, base);
      countConnections(link);
    },
    // The site decides, and waits for all of its units; whoever waits for others has more time than they.
    defaults: { deadlines: { reload: RELOAD_MS } },
    confirm: (reload) => reloads.confirm(reload),
    pulse(state, settled) {
      base.pulse?.(state, settled);
      link.send({ sitebus: "state", bus: nameOf.get(link) ?? "", state, settled });
    },
    async leave(outcome) {
      link.send({ sitebus: "left", bus: nameOf.get(link) ?? "", code: outcome.code });
      link.close();
      await base.leave(outcome);
    },
  };
  noteUpLink(platform, link);
  return platform;
}

const nameOf = new WeakMap<UpLink, string>();

/** Waits for what the unit has to know before its bus goes on. */
async function welcome(link: UpLink, control: Control, { clock }: Platform): Promise<void> {
  nameOf.set(link, control.bus);
  let disarm = () => {};
  const late = new Promise<never>((_, reject) => {
    disarm = clock.setTimer(WELCOME_MS, () => {
      reject(new Error(`${ACTION}: the parent said nothing within ${WELCOME_MS} ms, expected a pool`));
    });
  });
  try {
    await Promise.race([link.welcomed, late]);
  } finally {
    disarm();
  }
}

function ipc(): PortLike | null {
  return typeof process.send === "function" ? process as unknown as PortLike : null;
}

function platformOfProcess(uncaught: boolean): Platform {
  return native({
    signals: { SIGTERM: "exit", SIGINT: "none", SIGHUP: "none", SIGUSR2: null },
    events: { CTRL_C: "none", CTRL_BREAK: "none" },
    uncaught,
  });
}

function platformOfThread(): Platform {
  const base = embedded({ parks: true });
  let control: Control;
  return {
    ...base,
    attach(given) {
      control = given;
      return base.attach(given);
    },
    async leave({ code, forced, leftMs, late }) {
      await base.leave({ code, forced, leftMs });
      const warn = (message: string, details: object) => control?.log(message, { level: "warn", ...details });
      // Open handles would keep a thread alive for ever; `process.exit` ends the thread alone.
      endSoon(process as never, { code, leftMs: forced ? 0 : leftMs, late, warn });
    },
  };
}
