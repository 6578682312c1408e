/**
 * The platform of a process on Windows, for Node, Deno and Bun. Console events and, if `named` is set, named event objects
 * ask the bus to stop. The process ends by itself after the bus has exited.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { windows } from "@sitebus/sitebus/windows";
 *
 * const bus = new ProcessBus({ platform: windows({ named: true }) });
 * bus.subscribe("stop", () => console.log("stopping"));
 * await bus.run(); // until Ctrl-C, the console is closed, "sitebus-<pid>-exit" is set, or bus.exit()
 * ```
 * @module
 */
import { checkFunction, checkKeys, checkMs, show } from "../src/check.ts";
import type { Platform } from "../src/platform.ts";
import {
  checkArguments,
  checkBoolean,
  checkObject,
  checkSignalPolicy,
  checkUncaught,
} from "./process/process_options.ts";
import { operatingSystem, ownProcess, type ProcessLike } from "./process/process_like.ts";
import { processPlatform } from "./process/process_platform.ts";
import type { SignalPolicy } from "./process/signal_delivery.ts";
import type { ArmedSignal } from "./process/signal_table.ts";
import type { Source } from "./process/source.ts";
import { inputEnd } from "./process/standard_input.ts";
import type { UncaughtOptions } from "./process/uncaught_errors.ts";
import { armedEvents, type ConsoleEventName, type ConsoleEventTable } from "./windows/console_events.ts";
import { denoCommandLine } from "./windows/command_line.ts";
import { heldEvents, type HeldEventsOptions, listenByDeno } from "./windows/held_events.ts";
import { type KernelRuntime, runtimeOf } from "./windows/kernel.ts";
import { type EventScope, namedEvents } from "./windows/named_events.ts";
import { type ServiceOptions, shutdownMessage } from "./windows/service.ts";
import { callNames, type Win32, win32 } from "./windows/win32.ts";

export type { InputLike, ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { RequestGoal } from "./process/request_goal.ts";
export type { SignalPolicy } from "./process/signal_delivery.ts";
export type { UncaughtOptions } from "./process/uncaught_errors.ts";
export type { ConsoleEventName, ConsoleEventTable } from "./windows/console_events.ts";
export type { EventScope } from "./windows/named_events.ts";
export type { ServiceOptions } from "./windows/service.ts";
export type { Handle, Win32 } from "./windows/win32.ts";

/** The options of the Windows platform. */
export interface WindowsOptions extends SignalPolicy {
  /**
   * The request that each console event makes. Defaults: CTRL_C, CTRL_CLOSE, CTRL_LOGOFF and CTRL_SHUTDOWN exit; CTRL_BREAK
   * logs `inspect()`. `null` leaves the event to the runtime. On Node and Bun, CTRL_LOGOFF and CTRL_SHUTDOWN are received only
   * if they are named here, or if `service` is set; Node needs koffi for that.
   */
  readonly events?: ConsoleEventTable;
  /**
   * Milliseconds from Ctrl-C or a stop request until the supervisor kills this process. Default 30000. After CTRL_CLOSE and
   * CTRL_LOGOFF, the limit of Windows applies too: 5 s.
   */
  readonly graceMs?: number;
  /**
   * Whether uncaught errors are logged and stop the bus in order, with exit code 70, instead of ending the process at once.
   * `true` means both kinds; an object chooses uncaught exceptions or unhandled rejections. Default false.
   */
  readonly uncaught?: boolean | UncaughtOptions;
  /** Whether the end of the standard input asks for an exit; the same as `service.stdin`, without a service. Default false. */
  readonly stdin?: boolean;
  /** The arguments after the executable for the successor of a restart, if the restart plan has none. Deno needs them without --allow-ffi. */
  readonly restart?: { readonly args: readonly string[] };
  /**
   * Whether other processes may set the named event objects `sitebus-<pid>-exit`, `-graceful`, `-reload` and `-restart` to
   * ask for something, and wait for `-run` and `-exited`. By default only processes of the same session can; with
   * `scope: "machine"`, all can. Needs koffi on Node and --allow-ffi on Deno. Default false.
   */
  readonly named?: boolean | { readonly scope?: EventScope };
  /**
   * Whether a service wrapper runs this process. CTRL_SHUTDOWN then leaves 20 s, and CTRL_LOGOFF, which a service receives
   * for each user who logs off, is ignored. An object names other ways in which the wrapper asks for a stop. Node needs
   * koffi to receive CTRL_SHUTDOWN. Default false.
   */
  readonly service?: boolean | ServiceOptions;
  /** The process to be used instead of this one, for tests. */
  readonly process?: ProcessLike;
  /** The calls of Windows to be used instead of the real ones, for tests. */
  readonly win32?: Win32;
}

const action = "Cannot use the Windows platform";

/**
 * Makes the Windows platform for one bus.
 *
 * @throws {Error} If the runtime has no process, or the operating system is not Windows.
 * @throws {TypeError} If an option, an event or its goal is unknown.
 * @throws {RangeError} If `graceMs` is not a valid number of milliseconds.
 */
export function windows(options: WindowsOptions = {}): Platform {
  checkKeys(action, options, [
    "events",
    "graceMs",
    "uncaught",
    "restart",
    "named",
    "service",
    "process",
    "win32",
    "firstSignal",
    "secondSignal",
    "stdin",
  ]);
  const process = options.process ?? ownProcess(action);
  const system = operatingSystem(process);
  if (system !== "windows") throw new Error(`${action}: the operating system is "${system}"`);
  const { events, graceMs = 30_000, uncaught, restart } = options;
  const named = checkNamed(options.named);
  const service = checkService(options.service);
  const stdin = checkBoolean(action, "stdin", options.stdin);
  checkCalls(options.win32);
  const runtime = runtimeOf(process);
  const armed = armedEvents(action, events, { runtime, isService: service !== undefined });
  // The handler of these events must be held until the bus has exited. Deno's own handler returns at once, and Windows then
  // ends the process. Node and Bun hold CTRL_CLOSE themselves, but do not report CTRL_LOGOFF and CTRL_SHUTDOWN.
  const isHeld = ({ name, leftMs }: ArmedSignal) =>
    leftMs !== undefined && (runtime === "deno" || name !== "CTRL_CLOSE");
  const [held, told] = [armed.filter(isHeld), armed.filter((event) => !isHeld(event))];
  // On Node holding needs koffi, and on Bun a compiler: only on request.
  const wanted = held.filter(({ name }) =>
    runtime === "deno" || service !== undefined || events?.[name as ConsoleEventName] !== undefined
  );
  const calls = () => options.win32 ?? win32(process);
  const sources: (Source | false | undefined)[] = [
    wanted.length > 0 && heldEvents(wanted, { calls, ...withoutCalls(wanted, runtime) }),
    named !== undefined && namedEvents(process, { scope: named, calls }),
    (stdin || service?.stdin) && inputEnd(process),
    service?.message && shutdownMessage(process),
  ];
  return processPlatform({
    name: "Windows",
    process,
    signals: told,
    notice: { kind: "CTRL_C", graceMs: checkMs(action, "graceMs", graceMs) },
    uncaught: checkUncaught(action, uncaught),
    ...checkSignalPolicy(action, options),
    args: checkArguments(action, restart),
    commandLine: denoCommandLine,
    sources: sources.filter((source) => typeof source === "object"),
  });
}

/** The warning, and the substitute on Deno, if the platform cannot call Windows to hold the events. */
function withoutCalls(
  held: readonly ArmedSignal[],
  runtime: KernelRuntime,
): Pick<HeldEventsOptions, "without" | "instead"> {
  const names = held.map(({ name }) => name).join(", ");
  if (runtime !== "deno") return { without: `Cannot receive ${names}` };
  return {
    without: `There is no time to stop after ${names}`,
    instead: listenByDeno(held.filter(({ calledAs }) => calledAs !== undefined)),
  };
}

function checkNamed(named: WindowsOptions["named"]): EventScope | undefined {
  if (named === undefined || named === false) return undefined;
  if (named === true) return "session";
  checkObject(action, named, { field: "named", known: ["scope"], expected: "true, false or an object" });
  const { scope = "session" } = named;
  if (scope === "session" || scope === "machine") return scope;
  throw new TypeError(`${action}: "named.scope" is ${show(scope)}, expected "session" or "machine"`);
}

function checkService(service: WindowsOptions["service"]): ServiceOptions | undefined {
  if (service === undefined || service === false) return undefined;
  if (service === true) return {};
  const known = ["stdin", "message"];
  checkObject(action, service, { field: "service", known, expected: "true, false or an object" });
  const { stdin, message } = service;
  return {
    stdin: checkBoolean(action, "service.stdin", stdin),
    message: checkBoolean(action, "service.message", message),
  };
}

function checkCalls(calls: WindowsOptions["win32"]): void {
  if (calls === undefined) return;
  for (const name of callNames) checkFunction(action, `win32.${name}`, calls?.[name]);
}
