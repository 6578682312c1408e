/**
 * Tells the site of a unit what the unit loads.
 * @module
 */
import process from "node:process";
import { isMainThread, parentPort } from "node:worker_threads";
import { followLoaded, tellsLoaded } from "./loaded_here.ts";

/**
 * From now on this unit tells its site each file that it loads, before it is loaded, and each that it looks for in vain: so that
 * `watch` knows them. What was loaded before is not told; so call it first, and import the application then.
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
  const send: ((message: object, sent: () => void) => unknown) | undefined = isMainThread
    ? process.send?.bind(process) as never
    : (message, sent) => {
      parentPort?.postMessage(message);
      sent();
    };
  if (send !== undefined) {
    followLoaded((file) => {
      try {
        // At once: a module that does not load may end the process.
        pending++;
        send({ sitebus: "loaded", files: [file] }, () => void pending--);
      } catch {
        // The site is gone, and the unit will be.
      }
    });
  }
  return tellsLoaded();
}

let pending = 0;

/** How long what was told may take to be on its way, and how often that is looked at, in milliseconds. */
const SENT_MS = 500, EVERY_MS = 5;

/**
 * Resolves when all that was told is on its way: a process that exits before has not told it, on Deno. Waits for half a second
 * at most.
 */
export async function told(): Promise<void> {
  if (!isMainThread) return;
  const wait = () => new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  for (let ms = 0; pending > 0 && ms < SENT_MS; ms += EVERY_MS) await wait();
}
