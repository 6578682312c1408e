/**
 * The functions framework ends its process at once on SIGTERM and SIGINT: it answers the latest request by 500, and cuts
 * the others. Where a bus has the process, its listeners go.
 * @see https://github.com/GoogleCloudPlatform/functions-framework-nodejs/blob/main/src/invoker.ts
 * @module
 */
import type { ProcessLike } from "../process/process_like.ts";

/**
 * Takes the framework's listeners for `names` off: those there are, and those that it adds once it listens, later than
 * a bus that starts while its module is loaded. Returns its undo, for those that are still to come.
 */
export function replaceFramework(process: ProcessLike, names: readonly string[]): () => void {
  const takeOff = (name: string) => {
    for (const listener of process.listeners(name)) {
      if (isOfFramework(listener)) process.off(name, listener as () => void);
    }
  };
  // It is told of before it is added.
  const added = (name: unknown, listener: unknown) => {
    if (!names.includes(name as string) || !isOfFramework(listener)) return;
    queueMicrotask(() => takeOff(name as string));
  };
  names.forEach(takeOff);
  process.on("newListener", added);
  return () => void process.off("newListener", added);
}

/**
 * Whether it is the framework's: `sendCrashResponse({ err: new Error(`Received ${signal}`), … })`. What a bundler renames
 * is not looked at. Where another version says something else it stays, and the bus warns of it as of any other.
 */
function isOfFramework(listener: unknown): boolean {
  return /`Received \$\{\w+\}`/.test(String(listener));
}
