/**
 * Takes a pid file for a process, so that never two have it.
 * @module
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { textOf } from "../../src/errors.ts";
import { ageOf, commandOf, hasOpen, isAlive } from "./other_process.ts";

/** Lets go of the file; returns what went wrong, in words. */
export type Release = () => string | undefined;

/** How often it is tried anew where others take the file at the same time. */
const TRIES = 5;

/** A process that began this long after the file was written did not write it: clocks of files are coarse. */
const CLEARLY_LATER_MS = 2_000;

/** No operating system has larger ones. */
const LARGEST_PID = 2 ** 31 - 1;

/** The process that takes the file. */
export interface Taker {
  readonly pid: number;
  /** Its parent, which may have the file. */
  readonly ppid: number;
}

/**
 * Writes the number of a process into a file that no other process has. What it says is complete from the moment at which
 * the file is there. Returns nothing to release where the parent of the process has the file.
 * @throws {Error} If the file belongs to a living process, or cannot be written.
 */
export function takeFile(
  path: string,
  { pid, ppid }: Taker,
  warn: (message: string) => void,
): Release | undefined {
  const action = `Cannot write the pid file "${path}"`;
  checkFolder(action, path);
  const own = `${path}.${pid}`;
  const fd = create(action, own);
  try {
    writeSync(fd, `${pid}\n`);
    // Whatever the umask is, others may read the number.
    fchmodSync(fd, 0o644);
    for (let tries = 0; tries < TRIES; tries++) {
      if (link(action, own, path)) return () => release(path, fd);
      if (clear(action, path, { pid, ppid, warn }) === "of the parent") {
        closeSync(fd);
        return undefined;
      }
    }
    throw new Error(`${action}: other processes take it at the same time`);
  } catch (error) {
    closeSync(fd);
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function checkFolder(action: string, path: string): void {
  const folder = dirname(path);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`${action}: there is no folder "${folder}"`);
  if (!found.isDirectory()) throw new Error(`${action}: "${folder}" is no folder`);
}

/** Makes a file that nobody else has a name for, for reading and writing. */
function create(action: string, path: string): number {
  // Left over by a process of the same number that was killed in the middle.
  rmSync(path, { force: true });
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o644);
  } catch (cause) {
    throw new Error(`${action}: ${textOf(cause)}`, { cause });
  }
}

/** Gives the file its name, which fails where another one has it. */
function link(action: string, from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (cause) {
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return false;
    throw new Error(`${action}: ${textOf(cause)}`, { cause });
  }
}

interface ClearOptions extends Taker {
  readonly warn: (message: string) => void;
}

/** Removes a file that belongs to nobody any more. @throws {Error} If it belongs to another process. */
function clear(action: string, path: string, { pid, ppid, warn }: ClearOptions): "of the parent" | void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isSymbolicLink()) throw new Error(`${action}: it is a symbolic link`);
  if (!found.isFile()) throw new Error(`${action}: it is no file`);
  const text = readFileSync(path, "utf8").slice(0, 100).trim();
  const owner = /^\d+$/.test(text) && Number(text) <= LARGEST_PID ? Number(text) : undefined;
  if (owner !== undefined && owner !== pid && isOwner(owner, found)) {
    if (owner === ppid) return "of the parent";
    const command = commandOf(owner);
    throw new Error(
      `${action}: process ${owner} has it${
        command === undefined ? "" : `, "${command}"`
      }, and that is running`,
    );
  }
  // By another name first: had another process taken the file meanwhile, it would lose it.
  const aside = `${path}.${pid}.old`;
  try {
    renameSync(path, aside);
  } catch (cause) {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    throw new Error(`${action}: ${textOf(cause)}`, { cause });
  }
  const moved = lstatSync(aside);
  const isIt = moved.ino === found.ino && moved.dev === found.dev;
  if (!isIt) linkSync(aside, path);
  unlinkSync(aside);
  if (!isIt) return;
  if (owner === undefined && text !== "") {
    warn(`The pid file "${path}" held no number of a process, and is written anew`);
  }
}

/** Whether a process is the one that wrote the file, and not a later one that got its number. */
function isOwner(pid: number, file: Stats): boolean {
  if (pid === 0 || !isAlive(pid)) return false;
  // Proof that needs no clock: the owner keeps it open.
  if (hasOpen(pid, file) === true) return true;
  const age = ageOf(pid);
  return age === undefined || age > Date.now() - file.mtimeMs - CLEARLY_LATER_MS;
}

function release(path: string, fd: number): string | undefined {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const own = fstatSync(fd);
    if (found === undefined) return `The pid file "${path}" was removed by somebody else`;
    if (found.ino !== own.ino || found.dev !== own.dev) {
      return `The pid file "${path}" belongs to somebody else by now, and stays`;
    }
    try {
      unlinkSync(path);
      return undefined;
    } catch {
      // The folder belongs to root, who this process is no longer: an empty file belongs to nobody.
      ftruncateSync(fd);
      return undefined;
    }
  } catch (error) {
    return `Cannot remove the pid file "${path}": ${textOf(error)}`;
  } finally {
    closeSync(fd);
  }
}
