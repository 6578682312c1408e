/**
 * The process or thread that belongs to an embedded bus.
 * @module
 */
import type { ProcessLike } from "../process/process_like.ts";
import { isProcessHeld } from "../process/process_mark.ts";
import type { PortLike } from "./port.ts";

/**
 * The process to end with the bus, where the port is the only one that this process or thread has to the outside: `process`
 * of a child, `parentPort` of a worker thread. Undefined for any other port, and where another bus holds the process.
 */
export function ownerOf(port: PortLike): ProcessLike | undefined {
  const { process } = globalThis as unknown as { readonly process?: ProcessLike };
  if (typeof process?.getBuiltinModule !== "function") return undefined;
  if (port === process as unknown) return isProcessHeld(process) ? undefined : process;
  const { parentPort } = process.getBuiltinModule("node:worker_threads") as { readonly parentPort?: unknown };
  // In a thread, this process's `exit` and `exitCode` are those of the thread.
  return port === parentPort ? process : undefined;
}
