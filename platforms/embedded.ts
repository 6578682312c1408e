/**
 * The platform of a bus that a host controls: by calls in the same program, over a worker's message port, or from a parent
 * process over IPC. The platform listens for no signal, so that one process may have any number of such buses.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { embedded } from "@sitebus/sitebus/embedded";
 *
 * const platform = embedded();
 * const bus = new ProcessBus({ platform });
 * await bus.start();
 * platform.host.request("exit", { name: "window closed", leftMs: 2000 });
 * console.log(await platform.host.left); // 0
 * ```
 * @module
 */
import { checkFunction, checkKeys, show } from "../src/check.ts";
import { TraitError } from "../src/errors.ts";
import { type Control, LONG_LIVED, type Platform, type Traits } from "../src/platform.ts";
import { type BusMessage, type HostDetails, hostMessageFault, isForBus } from "./embedded/host_message.ts";
import { isPort, openPort, type Port, type PortLike } from "./embedded/port.ts";
import { ownAsyncContext } from "./process/async_context.ts";
import { endSoon } from "./process/ending.ts";
import { keepAlive } from "./process/keep_alive.ts";
import { webClock } from "../src/web_clock.ts";
import type { RequestGoal } from "./process/request_goal.ts";
import { ownerOf } from "./embedded/owner.ts";
import { reportLine } from "./process/report_line.ts";

export type { BusMessage, HostDetails, HostMessage } from "./embedded/host_message.ts";
export type { PortLike } from "./embedded/port.ts";
export type { RequestGoal } from "./process/request_goal.ts";

/** The options of the embedded platform. */
export interface EmbeddedOptions {
  /**
   * The port to the host: `parentPort` or any `MessagePort`, the scope of a web worker, or `process` in a child with IPC. The
   * host sends a `HostMessage` and receives a `BusMessage`; other messages are ignored. If the host goes away, the bus exits.
   * With `parentPort` or `process`, the worker or the child ends with its bus: with the bus's exit code, and by force if
   * something still keeps it alive.
   */
  readonly port?: PortLike;
  /** Whether `block()` and `run()` may wait, because the event loop belongs to this program. Default true if there is a port. */
  readonly parks?: boolean;
  /** The abilities of the host. Default: those of a long-lived process that gets no notice before its end. */
  readonly traits?: Partial<Traits>;
  /** Called with each warning and error that no log listener took, as a line. Default `console.error`. */
  readonly report?: (line: string) => void;
}

/** The host's side of an embedded bus. */
export interface Host {
  /**
   * Asks the bus for a goal, and does not wait. With `leftMs`, the request also says how much time is left.
   * @throws {Error} If the bus has not entered the state `enter`; start the bus by `bus.start()`.
   * @throws {TypeError} If the goal or a detail is not valid.
   */
  request(goal: RequestGoal, details?: HostDetails): void;
  /**
   * Announces that the host ends in `leftMs` milliseconds. The bus exits within that time.
   * @throws {Error} If the bus has not entered the state `enter`.
   */
  notice(leftMs: number): void;
  /** Resolves to the exit code when the bus has left. */
  readonly left: Promise<number>;
}

/** A platform with the controls of its host. */
export interface EmbeddedPlatform extends Platform {
  /** Controls the bus. */
  readonly host: Host;
}

const action = "Cannot use the embedded platform";

/**
 * Makes an embedded platform for one bus.
 *
 * @throws {TypeError} If an option is unknown, or `port` cannot send or listen.
 */
export function embedded(options: EmbeddedOptions = {}): EmbeddedPlatform {
  checkKeys(action, options, ["port", "parks", "traits", "report"]);
  const { port, parks = port !== undefined, traits, report = (line: string) => console.error(line) } =
    options;
  checkFunction(action, "report", report);
  if (port !== undefined && !isPort(port)) {
    throw new TypeError(`${action}: "port" is ${show(port)}, expected a port to send and listen on`);
  }
  let control: Control | undefined;
  let opened: Port | undefined;
  let resolveLeft: (code: number) => void;
  const left = new Promise<number>((resolve) => {
    resolveLeft = resolve;
  });
  const tell = (message: BusMessage) => opened?.send(message);
  const context = ownAsyncContext();

  const request = (goal: RequestGoal, details: HostDetails = {}) => {
    const { name = goal, code, leftMs } = details;
    const fault = hostMessageFault({ ...details, sitebus: goal });
    if (fault !== undefined) throw new TypeError(`Cannot ask the bus for "${String(goal)}": ${fault}`);
    if (control === undefined) throw new Error(`Cannot ask the bus for "${goal}": it has not entered yet`);
    control.request(goal, {
      by: "host",
      name,
      ...(code !== undefined && { code }),
      ...(leftMs !== undefined && { leftMs }),
    });
  };

  return {
    name: "embedded",
    traits: { ...LONG_LIVED, ...traits },
    clock: webClock,
    ...(context !== undefined && { context }),
    host: { request, notice: (leftMs) => request("exit", { name: "notice", leftMs }), left },
    attach(given) {
      if (control !== undefined) {
        throw new Error(
          `Cannot attach the bus "${given.bus}": the bus "${control.bus}" has this platform already`,
        );
      }
      control = given;
      if (port === undefined) return;
      opened = openPort(port, {
        received(message) {
          if (!isForBus(message)) return;
          const fault = hostMessageFault(message);
          if (fault === undefined) request(message.sitebus as RequestGoal, message as HostDetails);
          else {given.log(`Cannot take a message of the host: ${fault}`, {
              level: "warn",
              event: "host-message",
            });}
        },
        closed: () => request("exit", { name: "disconnect" }),
      });
    },
    park: parks ? keepAlive() : () => {
      const message = "Cannot block on the embedded platform: its host owns the loop; " +
        "pass embedded({ parks: true }) if the loop belongs to this program";
      throw new TraitError("park", true, false, message);
    },
    pulse(state, settled) {
      if (control !== undefined) tell({ sitebus: "state", bus: control.bus, state, settled });
    },
    report: (record) => report(reportLine(record)),
    leave({ code, forced, leftMs, late }) {
      if (control !== undefined) tell({ sitebus: "left", bus: control.bus, code });
      opened?.close();
      resolveLeft(code);
      const owner = control === undefined || port === undefined ? undefined : ownerOf(port);
      if (owner === undefined) return;
      endSoon(owner, {
        code,
        leftMs: forced ? 0 : leftMs,
        late,
        warn: (message, details) =>
          control?.log(message, { level: "warn", event: "ended-by-force", ...details }),
      });
    },
  };
}
