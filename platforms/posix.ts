/**
 * The platform of a process on a POSIX operating system, for Node, Deno and Bun. Signals ask the bus to stop, a timer keeps
 * the process alive while the bus is blocked, and the process ends by itself after the bus has exited.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { posix } from "@sitebus/sitebus/posix";
 *
 * const bus = new ProcessBus({ platform: posix({ signals: { SIGUSR2: "reload" } }) });
 * bus.subscribe("stop", () => console.log("stopping"));
 * if (import.meta.main) await bus.run(); // until SIGTERM, Ctrl-C or bus.exit()
 * ```
 * @module
 */
import { checkKeys, checkMs } from "../src/check.ts";
import type { Platform } from "../src/platform.ts";
import { builtinModule, operatingSystem, ownProcess, type ProcessLike } from "./process/process_like.ts";
import {
  checkArguments,
  checkBoolean,
  checkChoice,
  checkSignalPolicy,
  checkUncaught,
} from "./process/process_options.ts";
import { processPlatform } from "./process/process_platform.ts";
import type { SignalPolicy } from "./process/signal_delivery.ts";
import { armedSignals, type SignalTable } from "./process/signal_table.ts";
import { inputEnd } from "./process/standard_input.ts";
import type { UncaughtOptions } from "./process/uncaught_errors.ts";

export type { InputLike, ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { RequestGoal } from "./process/request_goal.ts";
export type { SignalPolicy } from "./process/signal_delivery.ts";
export type { SignalName, SignalTable } from "./process/signal_table.ts";
export type { UncaughtOptions } from "./process/uncaught_errors.ts";

/** The options of the POSIX platform. */
export interface PosixOptions extends SignalPolicy {
  /**
   * The request that each signal makes. Defaults: SIGTERM and SIGINT exit; SIGHUP exits on a terminal and reloads otherwise;
   * SIGQUIT logs `inspect()`. `null` leaves the signal to the runtime.
   */
  readonly signals?: SignalTable;
  /**
   * How the process ends after a signal: `code` exits with the code of the bus; `signal` sends the signal to the process
   * once more at the very end, so that a shell sees that the signal ended the process. Default `code`.
   */
  readonly exitBy?: "code" | "signal";
  /** Whether the end of the standard input asks for an exit, as for a server of a language client. The input is then read. Default false. */
  readonly stdin?: boolean;
  /**
   * Milliseconds from SIGTERM until the supervisor kills this process. Default 30000, as on Kubernetes.
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   */
  readonly graceMs?: number;
  /**
   * Whether uncaught errors are logged and stop the bus in order, with exit code 70, instead of ending the process at once.
   * `true` means both kinds; an object chooses uncaught exceptions or unhandled rejections. Default false.
   */
  readonly uncaught?: boolean | UncaughtOptions;
  /** The arguments after the executable for the successor of a restart, if the restart plan has none. Deno needs them without --allow-all. */
  readonly restart?: { readonly args: readonly string[] };
  /** The process to be used instead of this one, for tests. */
  readonly process?: ProcessLike;
}

const action = "Cannot use the POSIX platform";

// https://nodejs.org/api/process.html#processplatform, and what Bun and Deno add to it.
const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "haiku",
  "illumos",
  "linux",
  "netbsd",
  "openbsd",
  "solaris",
  "sunos",
];

/**
 * Makes the POSIX platform for one bus.
 *
 * @throws {Error} If the runtime has no process, or the operating system is not POSIX.
 * @throws {TypeError} If an option, a signal or its goal is unknown.
 * @throws {RangeError} If `graceMs` is not a valid number of milliseconds.
 */
export function posix(options: PosixOptions = {}): Platform {
  checkKeys(action, options, [
    "signals",
    "firstSignal",
    "secondSignal",
    "exitBy",
    "stdin",
    "graceMs",
    "uncaught",
    "restart",
    "process",
  ]);
  const process = options.process ?? ownProcess(action);
  const system = operatingSystem(process);
  if (!systems.includes(system)) throw new Error(`${action}: the operating system is "${system}"`);
  const { signals, graceMs = 30_000, uncaught, restart } = options;
  checkKeys(action, signals, Object.keys(signals ?? {}));
  return processPlatform({
    name: "POSIX",
    process,
    signals: armedSignals(action, process, withDefaults(process, signals)),
    notice: { kind: "SIGTERM", graceMs: checkMs(action, "graceMs", graceMs) },
    uncaught: checkUncaught(action, uncaught),
    ...checkSignalPolicy(action, options),
    exitBy: checkChoice(action, "exitBy", options.exitBy, ["code", "signal"]),
    args: checkArguments(action, restart),
    sources: checkBoolean(action, "stdin", options.stdin) ? [inputEnd(process)] : [],
  });
}

function withDefaults(process: ProcessLike, signals: SignalTable = {}): SignalTable {
  // Checked now: after the terminal has hung up, `isatty` returns false.
  const { isatty } = builtinModule(process, "node:tty");
  const onTerminal = [0, 1, 2].some((fd) => isatty(fd));
  const defaults: SignalTable = {
    SIGTERM: "exit",
    SIGINT: "exit",
    SIGHUP: onTerminal ? "exit" : "reload",
    SIGQUIT: "inspect",
  };
  const given = Object.entries(signals).filter(([, goal]) => goal !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
