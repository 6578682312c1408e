/**
 * Where the control sockets of this machine are, and how they are named: the same for the process that opens one and for
 * the client that looks for it.
 * @module
 */
import { lstatSync, readdirSync } from "node:fs";
import process from "node:process";

/** The facts that decide where the sockets are. */
export interface PlaceParts {
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's number; undefined on Windows. */
  readonly uid: number | undefined;
}

/** A process, as the name of its socket tells. */
export interface SocketName {
  /** The name of its bus, as far as a file can have it. */
  readonly name: string;
  /** Its process id. */
  readonly pid: number;
}

/** The prefix of all pipes of this kind, on Windows. */
export const PIPE_PREFIX = "\\\\.\\pipe\\sitebus-";

/** The most characters of a bus's name in the name of its socket: a path of a socket is short. */
const LONGEST_NAME = 40;

/** The environment and the user of this process. */
export function ownParts(): PlaceParts {
  return { env: process.env, uid: process.getuid?.() };
}

/**
 * The folder where this process opens its socket; undefined on Windows, where pipes have no folder. It is `RUNTIME_DIRECTORY`
 * of systemd, else `sitebus` in `XDG_RUNTIME_DIR` where that is a folder of this user, else a private folder of the user in `/tmp`.
 */
export async function controlFolder(parts: PlaceParts = ownParts()): Promise<string | undefined> {
  const { env, uid } = parts;
  if (uid === undefined) return undefined;
  // systemd separates several folders by colons.
  const own = env["RUNTIME_DIRECTORY"]?.split(":")[0];
  if (own?.startsWith("/")) return own;
  const runtime = env["XDG_RUNTIME_DIR"];
  // After `sudo` or `su` it may still be that of another user.
  if (runtime?.startsWith("/") && await isFolderOf(runtime, uid)) return `${trimmed(runtime)}/sitebus`;
  return privateFolder(uid);
}

/**
 * The folders where a client of this user looks for sockets: its own, and for root those of all users and services. A folder
 * that is not there is left out.
 */
export function controlFolders(parts: PlaceParts = ownParts()): string[] {
  const { env, uid } = parts;
  if (uid === undefined) return [];
  const found = new Set<string>();
  for (const folder of env["RUNTIME_DIRECTORY"]?.split(":") ?? []) found.add(folder);
  const runtime = env["XDG_RUNTIME_DIR"];
  if (runtime) found.add(`${trimmed(runtime)}/sitebus`);
  found.add(`/run/user/${uid}/sitebus`).add(privateFolder(uid));
  if (uid === 0) {
    // Services of systemd have a folder of their own below /run.
    for (const name of namesIn("/run")) found.add(`/run/${name}`);
    for (const name of namesIn("/run/user")) found.add(`/run/user/${name}/sitebus`);
    for (const name of namesIn("/tmp")) if (name.startsWith("sitebus-")) found.add(`/tmp/${name}`);
  }
  return [...found].filter((folder) => folder.startsWith("/") && isFolder(folder));
}

/** The path of a socket: `<folder>/<name>-<pid>.sock`, or the name of a pipe where there is no folder. */
export function socketPath(folder: string | undefined, { name, pid }: SocketName): string {
  const shown = name.replace(/[^A-Za-z0-9_.-]+/g, "_").replace(/^\.+/, "_").slice(0, LONGEST_NAME) || "bus";
  return folder === undefined
    ? `${PIPE_PREFIX}${shown}-${pid}`
    : `${folder === "/" ? "" : trimmed(folder)}/${shown}-${pid}.sock`;
}

/** Reads the name and the process id out of the name of a socket's file, or of a pipe; undefined where it is another file. */
export function readSocketName(file: string): SocketName | undefined {
  const base = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  const [, name, pid] = /^(.+)-([1-9]\d*)\.sock$/.exec(base) ?? /^sitebus-(.+)-([1-9]\d*)$/.exec(base) ?? [];
  return name === undefined ? undefined : { name, pid: Number(pid) };
}

/** Short, and the same whatever TMPDIR says: a client need not have the same environment. */
function privateFolder(uid: number): string {
  return `/tmp/sitebus-${uid}`;
}

function trimmed(folder: string): string {
  return folder.replace(/\/+$/, "");
}

async function isFolderOf(path: string, uid: number): Promise<boolean> {
  const { lstat } = await import("node:fs/promises");
  return await lstat(path).then((file) => file.isDirectory() && file.uid === uid, () => false);
}

// A client has nothing else to do meanwhile, and the threads of the asynchronous calls take 4 ms to start.
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
