/**
 * The platform of the operating system that the program runs on: POSIX or Windows.
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

/** The options of the native platform. `signals` and `exitBy` are for POSIX alone; `events`, `named` and `service` for Windows alone. */
export type NativeOptions = PosixOptions & Omit<WindowsOptions, "win32">;

const action = "Cannot use the native platform";

/**
 * Makes the platform of this operating system. Options for the other one are ignored.
 *
 * @throws {Error} If the runtime has no process, or the operating system is neither POSIX nor Windows.
 * @throws {TypeError} If the options are not an object, or an option is unknown.
 */
export function native(options: NativeOptions = {}): Platform {
  // Checks only that the options are an object; the chosen platform checks the keys.
  checkKeys(action, options, Object.keys(options ?? {}));
  const process = options.process ?? ownProcess(action);
  const { signals: _, exitBy: _exitBy, ...onWindows } = options;
  const { events: _events, named: _named, service: _service, ...onPosix } = options;
  return operatingSystem(process) === "windows"
    ? windows({ ...onWindows, process })
    : posix({ ...onPosix, process });
}
