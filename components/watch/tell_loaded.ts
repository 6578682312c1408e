/**
 * Tells the site of a unit what the unit loads.
 * @module
 */
import process from "node:process";
import { isMainThread, parentPort } from "node:worker_threads";
import { followLoaded, hook } from "./loaded_here.ts";

/**
 * From now on this unit tells its site each file that it loads, before it is loaded, and each that it looks for in vain: so that
 * `watch` knows them. What was loaded before is not told; so call it first, and import the application then. On Deno the unit
 * has to be started with `preloadFlags()`, or the imports of modules are not told.
 *
 * Returns whether the runtime tells what it loads: Node does from 22.15 on. Where this is no unit, nothing is told.
 *
 * @example
 * ```ts ignore
 * // worker.ts
 * import { tellLoaded } from "@sitebus/sitebus/watch";
 *
 * tellLoaded();
 * await import("./app.ts");
 * ```
 */
export function tellLoaded(): boolean {
  const send: ((message: object) => unknown) | undefined = isMainThread
    ? process.send?.bind(process) as never
    : parentPort?.postMessage.bind(parentPort);
  if (send !== undefined) {
    followLoaded((file) => {
      try {
        // At once: a module that does not load may end the process.
        send({ sitebus: "loaded", files: [file] });
      } catch {
        // The site is gone, and the unit will be.
      }
    });
  }
  return hook();
}
