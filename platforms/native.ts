/**
 * The platform of the operating system that the program finds itself on.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { native } from "@sitebus/sitebus/native";
 *
 * const bus = new ProcessBus({ platform: native() });
 * if (import.meta.main) await bus.run();
 * ```
 * @module
 */
import type { Platform } from "../src/platform.ts";
import { posix, type PosixOptions } from "./posix.ts";
import { operatingSystem, ownProcess } from "./process/process_like.ts";

/** What may be set of the native platform. */
export type NativeOptions = PosixOptions;

const action = "Cannot use the native platform";

/**
 * Makes the platform of this operating system: POSIX on all that are.
 *
 * @throws {Error} on Windows, whose platform is not there yet, and where there is no operating system.
 * @throws {TypeError} where an option is unknown.
 */
export function native(options: NativeOptions = {}): Platform {
  const process = options.process ?? ownProcess(action);
  if (operatingSystem(process) === "windows") {
    throw new Error(`${action}: the operating system is "windows", and sitebus/windows is not there yet`);
  }
  return posix(options);
}
