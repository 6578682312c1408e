/**
 * The file that tells other programs the number of this process, and keeps a second instance from starting.
 * @module
 */
import process from "node:process";
import { resolve } from "node:path";
import { checkKeys, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { takeFile } from "./take_file.ts";

/** How a pid file is kept. */
export interface PidFileOptions {
  /** The component's name. Default "pidFile". */
  readonly name?: string;
}

/**
 * A component that keeps the number of this process in a file, alone on its line, from its start to its stop. Use it as
 * the first one, so that a second instance ends before it does anything else.
 *
 * The start fails where the file belongs to a process that lives, naming it. A file of a process that has ended is
 * taken over, also where another process has its number by now: that one began after the file was written, and does not
 * have it open. Where the file cannot be removed at the end, as after `privileges`, it is emptied.
 *
 * @example
 * ```ts
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 * import { pidFile } from "@sitebus/sitebus/os";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * bus.use(pidFile("/tmp/example-of-sitebus.pid"));
 * await bus.start();
 * await bus.exit();
 * ```
 * @throws {TypeError} If the path is none.
 */
export function pidFile(path: string, options: PidFileOptions = {}): Component<{ readonly path: string }> {
  const action = "Cannot make pidFile";
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new TypeError(`${action}: the path is ${show(path)}, expected the path of a file`);
  }
  checkKeys(action, options, ["name"]);
  const { name = "pidFile" } = options;
  checkName(action, name);
  const full = resolve(path);
  let release: ReturnType<typeof takeFile> | undefined;
  return {
    name,
    start({ log }) {
      const { pid } = process;
      release = takeFile(
        full,
        pid,
        (message) => log(message, { level: "warn", event: "pid file", path: full }),
      );
      return { path: full };
    },
    stop(_value, { log }) {
      const problem = release?.();
      if (problem !== undefined) log(problem, { level: "warn", event: "pid file", path: full });
    },
  };
}
