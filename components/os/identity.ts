/**
 * The user and the groups of this process: read from the operating system, and given up for good.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { loadLibc } from "../../platforms/process/libc.ts";
import { textOf } from "../../src/errors.ts";

/** The user and the groups of a process. */
export interface Identity {
  /** The real, effective, saved and file system user of each thread, without repetitions. */
  readonly users: readonly number[];
  /** The same of the group. */
  readonly groups: readonly number[];
  /** The supplementary groups of all threads, without repetitions. */
  readonly others: readonly number[];
}

/** The user and the groups that a process becomes; a field that is absent stays. */
export interface Target {
  readonly uid: number | undefined;
  readonly gid: number;
}

/**
 * Reads who this process runs as, thread by thread where the operating system tells that.
 * @throws {Error} If the runtime may not read it.
 */
export function readIdentity(): Identity {
  if (process.platform === "linux") return ofThreads();
  // Deno has no such functions; it is refused before they are needed.
  const { getuid, geteuid, getgid, getegid, getgroups } = process;
  const gid = getgid!();
  return {
    users: distinct([getuid!(), geteuid!()]),
    groups: distinct([gid, getegid!()]),
    // On some systems the list has the group itself, too.
    others: distinct(getgroups!()).filter((group) => group !== gid),
  };
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function ofThreads(): Identity {
  const found: Record<"Uid" | "Gid" | "Groups", number[]> = { Uid: [], Gid: [], Groups: [] };
  for (const thread of readdirSync("/proc/self/task")) {
    for (const line of statusOf(thread).split("\n")) {
      const [, field, numbers] = /^(Uid|Gid|Groups):(.*)$/.exec(line) ?? [];
      if (numbers === undefined) continue;
      found[field as keyof typeof found].push(...numbers.split(/\s+/).filter(Boolean).map(Number));
    }
  }
  return { users: distinct(found.Uid), groups: distinct(found.Gid), others: distinct(found.Groups) };
}

function statusOf(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/status`, "utf8");
  } catch (error) {
    // A thread that has ended meanwhile; anything else is told.
    const { code } = Object(error) as { readonly code?: string };
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw error;
  }
}

/** Whether a process is nothing but the target. */
export function isTarget({ users, groups, others }: Identity, { uid, gid }: Target): boolean {
  return others.length === 0 && isOnly(groups, gid) && (uid === undefined || isOnly(users, uid));
}

/**
 * Becomes the target: first without supplementary groups, then the group, then the user, which is the order in which each
 * step is still allowed. Then all of it is read back, and the way back is tried, which has to fail.
 * @throws {Error} If the operating system refuses it, or anything is left over.
 */
export function become(target: Target): void {
  const { uid, gid } = target;
  const calls = callsOf();
  calls.setgroups();
  calls.setgid(gid);
  if (uid !== undefined) calls.setuid(uid);
  const found = readIdentity();
  if (!isTarget(found, target)) {
    const { users, groups, others } = found;
    throw new Error(
      `it still runs as user ${users.join(", ")}, group ${groups.join(", ")} and in the groups "${
        others.join(", ")
      }"`,
    );
  }
  if (uid !== undefined && uid !== 0 && canReturn(calls)) throw new Error("it can become root again");
}

interface Calls {
  setgroups(): void;
  setgid(gid: number): void;
  setuid(uid: number): void;
}

function canReturn({ setuid }: Calls): boolean {
  try {
    setuid(0);
    return true;
  } catch {
    return false;
  }
}

/** The calls of this runtime, which throw where they are refused. */
function callsOf(): Calls {
  const { setgroups, setgid, setuid } = process;
  if (setgroups !== undefined && setgid !== undefined && setuid !== undefined) {
    return {
      setgroups: () => setgroups.call(process, []),
      setgid: (gid) => setgid.call(process, gid),
      setuid: (uid) => setuid.call(process, uid),
    };
  }
  let libc: ReturnType<typeof loadLibc>;
  try {
    libc = loadLibc();
  } catch (cause) {
    throw new Error(
      `this runtime has no call that drops supplementary groups, and for the one of the C library: ${
        textOf(cause)
      }; a pool can start its units as that user, and so can systemd`,
      { cause },
    );
  }
  const check = (result: number, name: string) => {
    if (result !== 0) throw new Error(`${name} was refused`);
  };
  // The numbers are unsigned, and the calls take signed ones of the same bits.
  return {
    setgroups: () => check(libc.setgroups(0n, new Uint8Array(4)), "setgroups"),
    setgid: (gid) => check(libc.setgid(gid | 0), "setgid"),
    setuid: (uid) => check(libc.setuid(uid | 0), "setuid"),
  };
}

function isOnly(found: readonly number[], wanted: number): boolean {
  return found.length === 1 && found[0] === wanted;
}

function distinct(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}
