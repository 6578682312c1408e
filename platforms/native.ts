/**
 * The platform of the operating system that the program finds itself on: POSIX or Windows.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { native } from "@sitebus/sitebus/native";
 *
 * const bus = new ProcessBus({ platform: native({ signals: { SIGHUP: "reload" }, events: { CTRL_BREAK: "reload" } }) });
 * if (import.meta.main) await bus.run();
 * ```
 * @module
 */
import { checkKeys } from "../src/check.ts";
import type { Platform } from "../src/platform.ts";
import { posix, type PosixOptions } from "./posix.ts";
import { operatingSystem, ownProcess } from "./process/process_like.ts";
import { windows, type WindowsOptions } from "./windows.ts";

/** What may be set of the native platform: `signals` and `exitBy` are for POSIX alone; `events`, `named` and `service` are for Windows. */
export type NativeOptions = PosixOptions & Omit<WindowsOptions, "win32">;

const action = "Cannot use the native platform";

/**
 * Makes the platform of this operating system. What is for the other one is not looked at.
 *
 * @throws {Error} If there is no operating system, or it is neither.
 * @throws {TypeError} If the options are no object, or one is unknown.
 */
export function native(options: NativeOptions = {}): Platform {
  // The keys are checked by the platform that is made.
  checkKeys(action, options, Object.keys(options ?? {}));
  const process = options.process ?? ownProcess(action);
  const { signals: _, exitBy: _exitBy, ...onWindows } = options;
  const { events: _events, named: _named, service: _service, ...onPosix } = options;
  return operatingSystem(process) === "windows"
    ? windows({ ...onWindows, process })
    : posix({ ...onPosix, process });
}
