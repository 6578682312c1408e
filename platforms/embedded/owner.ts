/**
 * Finds the process or thread that ends with an embedded bus.
 * @module
 */
import type { ProcessLike } from "../process/process_like.ts";
import { isProcessHeld } from "../process/process_mark.ts";
import type { PortLike } from "./port.ts";

/**
 * Returns the process that ends with the bus. That is so if the port is the connection of this process or thread to its
 * parent: `process` in a child, `parentPort` in a worker thread. Undefined for other ports, and if another bus holds the
 * process.
 */
export function ownerOf(port: PortLike): ProcessLike | undefined {
  const { process } = globalThis as unknown as { readonly process?: ProcessLike };
  if (typeof process?.getBuiltinModule !== "function") return undefined;
  if (port === process as unknown) return isProcessHeld(process) ? undefined : process;
  const { parentPort } = process.getBuiltinModule("node:worker_threads") as { readonly parentPort?: unknown };
  // In a thread, this process's `exit` and `exitCode` are those of the thread.
  return port === parentPort ? process : undefined;
}
