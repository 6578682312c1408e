/**
 * Control: what a running process tells, and does when it is asked, over a socket of its own. HTTP and JSON, so that `curl` will
 * do, and in every state, also while the bus waits for somebody in a stop.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { control } from "@sitebus/sitebus/control";
 * import { native } from "@sitebus/sitebus/native";
 *
 * const bus = new ProcessBus({ name: "shop", platform: native() });
 * control(bus);
 * await bus.run();
 * // curl --unix-socket "$XDG_RUNTIME_DIR/sitebus/shop-4711.sock" http://bus/status
 * ```
 * @module
 */
import process from "node:process";
import { checkKeys, checkName, show } from "../src/check.ts";
import { isToken } from "./control/access.ts";
import { defer } from "../src/internal.ts";
import type { Subscription } from "../src/bus.ts";
import type { ProcessBus } from "../src/process_bus.ts";
import { type ControlRight, RIGHTS } from "./control/actions.ts";
import { ControlService, type ServiceParts } from "./control/service.ts";
import type { ServerHandle } from "./log/follow.ts";

export type { ActionResult, ControlRight } from "./control/actions.ts";
export type {
  ComponentStatus,
  ControlPool,
  ControlStatus,
  ControlUnit,
  PendingStatus,
} from "./control/status.ts";
export type { Timeline, TimelinePhase, Timelines, TimelineSpan } from "./control/timeline.ts";
export type { ServerHandle, ServerValue } from "./log/follow.ts";

/** The status page on a port of this computer. */
export interface StatusPort {
  /** The port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** The token that a request must bring, at least 16 characters. Default: a new one, which `GET /page` on the socket tells. */
  readonly token?: string;
  /** The rights of those who ask there. Default: the `rights` of the socket. */
  readonly rights?: readonly ControlRight[];
}

/** How control is opened. */
export interface ControlOptions {
  /** The name that the process is found by. Default: the name of the bus. */
  readonly name?: string;
  /**
   * The path of the socket, or the name of a pipe on Windows. Default: `<folder>/<name>-<pid>.sock`; the folder is
   * `RUNTIME_DIRECTORY` of systemd, else `sitebus` in `XDG_RUNTIME_DIR`, else `/tmp/sitebus-<user id>`.
   */
  readonly path?: string;
  /** The permissions of the socket: who may connect may ask. Default 0o600, its owner alone. */
  readonly mode?: number;
  /** The group of the socket, by name or number; it needs a `mode` such as 0o660. Default: that of the process. */
  readonly group?: string | number;
  /** The rights of those who ask. Default: all of them. */
  readonly rights?: readonly ControlRight[];
  /** Opens the status page on a port as well. Default: the page is on the socket alone. */
  readonly page?: StatusPort;
  /** The version of the program, which the status tells. */
  readonly version?: string;
  /** Components that are servers: their requests in flight are told. Default none. */
  readonly servers?: readonly ServerHandle[];
}

/** Control of one bus. */
export interface ControlHandle {
  /** The path of the socket; undefined while it is not open. */
  readonly path: string | undefined;
  /** The address of the status page on its port, without the token; undefined where there is none. */
  readonly pageUrl: string | undefined;
  /** Resolves when it is open, or could not be opened and has said so: to whether it is. Never rejects. */
  readonly opened: Promise<boolean>;
  /** Closes it. The bus does so itself when it has exited. */
  close(): Promise<void>;
}

const ACTION = "Cannot make control";
const OPTIONS = [
  "name",
  "path",
  "mode",
  "group",
  "rights",
  "page",
  "version",
  "servers",
];

/** How long a start waits at its end for the socket, in milliseconds: a folder on a dead network must not hold it. */
const START_WAITS_MS = 1_000;

/** Before the other listeners. */
const FIRST = { name: "control", priority: -Infinity };

/** After them. */
const LAST = { name: "control", priority: Infinity };

/**
 * Opens control when the bus enters its first state, and closes it when it has exited. It is no component: it answers in every
 * state, holds nothing up and keeps no process alive. Where it cannot open, that is one warning in the log, and the bus goes on.
 *
 * The routes are in docs/control.md.
 *
 * @throws {TypeError} If an option is unknown or of a wrong type.
 * @throws {RangeError} If the port or the permissions are out of range, or the token is too short.
 */
export function control(bus: ProcessBus, options: ControlOptions = {}): ControlHandle {
  const service = new ControlService({ bus, ...checkOptions(bus, options) });
  const begin = defer<void>();
  let isClosed = false;
  // In the context of this call: what is asked later is asked by no phase of the bus.
  const opened = begin.promise.then(async () => !isClosed && await service.open() && !isClosed);
  const subscriptions: Subscription[] = [];
  const close = async () => {
    isClosed = true;
    begin.resolve();
    await opened;
    await service.close();
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
  if (bus.state === "initial") {
    subscriptions.push(
      bus.subscribe("enter", () => begin.resolve(), FIRST),
      // Opening goes on beside the start; whoever finds the bus running finds its socket.
      bus.subscribe("start", () => waitFor(opened, bus), LAST),
    );
  } else {
    isClosed = bus.state === "exited";
    begin.resolve();
  }
  subscriptions.push(bus.subscribe("exited", close, LAST));
  return {
    get path() {
      return service.path;
    },
    get pageUrl() {
      return service.pageUrl;
    },
    opened,
    close,
  };
}

/** Waits until it is open, but not for long. */
async function waitFor(opened: Promise<boolean>, bus: ProcessBus): Promise<void> {
  let disarm: (() => void) | undefined;
  const late = new Promise<void>((resolve) => disarm = bus.platform.clock.setTimer(START_WAITS_MS, resolve));
  await Promise.race([opened, late]);
  disarm?.();
}

function checkOptions(bus: ProcessBus, options: ControlOptions): Omit<ServiceParts, "bus"> {
  checkKeys(ACTION, options, OPTIONS);
  const { name = bus.name, path, mode = 0o600, group, rights = RIGHTS, page, version } = options;
  const { servers = [] } = options;
  checkName(ACTION, name);
  if (path !== undefined && (typeof path !== "string" || path === "")) {
    throw new TypeError(`${ACTION}: "path" is ${show(path)}, expected the path of a socket`);
  }
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o777) {
    throw new RangeError(`${ACTION}: "mode" is ${show(mode)}, expected permissions from 0 to 0o777`);
  }
  if (group !== undefined && typeof group !== "string" && !Number.isInteger(group)) {
    throw new TypeError(`${ACTION}: "group" is ${show(group)}, expected the name or the number of a group`);
  }
  checkRights(rights);
  if (page !== undefined) checkPage(page);
  return {
    name,
    path,
    mode,
    group,
    rights,
    page: page && { rights, ...page },
    version,
    servers,
    pid: process.pid,
  };
}

function checkPage(page: StatusPort): void {
  checkKeys(`${ACTION}: "page"`, page, ["port", "token", "rights"]);
  const { port, token, rights } = page;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`${ACTION}: the port of the page is ${show(port)}, expected one from 0 to 65535`);
  }
  if (token !== undefined && !isToken(token)) {
    // The value is a secret: it is not shown.
    throw new RangeError(
      `${ACTION}: the token of the page is not usable, expected 16 characters or more of ASCII, no space`,
    );
  }
  if (rights !== undefined) checkRights(rights);
}

function checkRights(rights: readonly ControlRight[]): void {
  const wrong = Array.isArray(rights) ? rights.find((right) => !RIGHTS.includes(right)) : rights;
  if (wrong !== undefined) {
    throw new TypeError(`${ACTION}: "rights" has ${show(wrong)}, expected a list of ${RIGHTS.join(", ")}`);
  }
}
