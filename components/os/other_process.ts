/**
 * Another process of this machine: whether it lives, since when, and which files it has open.
 * @module
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import process from "node:process";

/** Whether a process of this number lives; one that has ended and was not waited for yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    const { code, name } = Object(error) as { readonly code?: string; readonly name?: string };
    // It is there, and belongs to somebody else.
    if (code === "EPERM" || name === "PermissionDenied") return true;
    if (code === "ESRCH" || name === "NotFound") return false;
    throw error;
  }
  return statOf(pid)?.[0] !== "Z";
}

/** Milliseconds since a process began, by the clock of the machine, which nobody sets; undefined where that is not told. */
export function ageOf(pid: number): number | undefined {
  const ticks = Number(statOf(pid)?.[19]);
  const uptime = Number(read("/proc/uptime")?.split(" ")[0]);
  const age = uptime * 1000 - ticks * TICK_MS;
  return Number.isFinite(age) ? age : undefined;
}

/** The unit of times in `/proc`, which Linux gives to programs on every processor. */
const TICK_MS = 10;

/** Whether a process has a file open; undefined where this process may not know. */
export function hasOpen(
  pid: number,
  { dev, ino }: { readonly dev: number; readonly ino: number },
): boolean | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const found = statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false });
      return found?.dev === dev && found.ino === ino;
    });
  } catch {
    return undefined;
  }
}

/** The first words of the command line of a process, for messages; undefined where it is not told. */
export function commandOf(pid: number): string | undefined {
  const words = read(`/proc/${pid}/cmdline`)?.split("\0").filter(Boolean).slice(0, 3).join(" ");
  return words ? words.slice(0, 200).replace(/[^\x20-\x7e]/g, "?") : undefined;
}

/** The fields after the name of the program, which may hold spaces. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statOf(pid: number): readonly string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
