/**
 * The functions framework ends its process at once on SIGTERM and SIGINT: it answers the latest request by 500, and cuts
 * the others. While a bus holds the process, the framework's listeners are taken off.
 * @see https://github.com/GoogleCloudPlatform/functions-framework-nodejs/blob/main/src/invoker.ts
 * @module
 */
import type { ProcessLike } from "../process/process_like.ts";

/**
 * Takes off the framework's listeners for the signals `names`: those that are there, and those that the framework adds
 * when it listens, which may be later than the start of the bus. Returns the undo, for those that are still to come.
 */
export function replaceFramework(process: ProcessLike, names: readonly string[]): () => void {
  const takeOff = (name: string) => {
    for (const listener of process.listeners(name)) {
      if (isOfFramework(listener)) process.off(name, listener as () => void);
    }
  };
  // "newListener" is emitted before the listener is added.
  const added = (name: unknown, listener: unknown) => {
    if (!names.includes(name as string) || !isOfFramework(listener)) return;
    queueMicrotask(() => takeOff(name as string));
  };
  names.forEach(takeOff);
  process.on("newListener", added);
  return () => void process.off("newListener", added);
}

/**
 * Whether a listener is the framework's, by its source text: `sendCrashResponse({ err: new Error(`Received ${signal}`), … })`.
 * The names that a bundler changes are not looked at. Where a version of the framework has another text, the listener
 * stays, and the bus warns of it as of any other.
 */
function isOfFramework(listener: unknown): boolean {
  return /`Received \$\{\w+\}`/.test(String(listener));
}
