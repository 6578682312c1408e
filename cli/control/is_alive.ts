/**
 * Whether a process lives.
 * @module
 */
import process from "node:process";

/** Whether there is a process of this number, be it another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
