/**
 * The file that tells other programs the number of this process, and keeps a second instance from starting.
 * @module
 */
import process from "node:process";
import { resolve } from "node:path";
import { checkKeys, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { type Release, takeFile } from "./take_file.ts";

/** How a pid file is kept. */
export interface PidFileOptions {
  /** The component's name. Default "pidFile". */
  readonly name?: string;
}

/**
 * A component that keeps the number of this process in a file, alone on its line, from its first start to the end of the
 * process: a bus that stops and starts again keeps it. Use it as the first one, so that a second instance ends before it
 * does much else.
 *
 * The start fails where the file belongs to another process that lives, naming it. A file of a process that has ended is
 * taken over, also where another process has its number by now: that one began after the file was written, and does not
 * have it open. The parent of this process may have the file, since it does after a restart in which it waits for its
 * successor. Where the file cannot be removed at the end, as after `privileges`, it is emptied.
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
  let end: (() => void) | undefined;
  return {
    name,
    start({ log }) {
      const warn = (message: string) => log(message, { level: "warn", event: "pid file", path: full });
      end ??= hold(takeFile(full, process, warn), warn);
      return { path: full };
    },
    stop(_value, { from }) {
      // In a stop of the bus, the process goes on for the components that stop later, or for another start.
      if (from === "drain") return;
      end?.();
      end = undefined;
    },
  };
}

/** Lets go of the file when the process ends, or by the function that it returns. */
function hold(release: Release | undefined, warn: (message: string) => void): () => void {
  const end = () => {
    process.removeListener("exit", end);
    const problem = release?.();
    if (problem !== undefined) warn(problem);
  };
  process.on("exit", end);
  return end;
}
