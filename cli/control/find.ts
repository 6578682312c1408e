/**
 * Finds the processes of this user that can be asked, by the sockets in their folders. A socket that nobody listens on was left
 * behind by a process that was killed, and is removed.
 * @module
 */
import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import process from "node:process";
import {
  controlFolders,
  PIPE_PREFIX,
  readSocketName,
  type SocketName,
  socketPath,
} from "../../components/control/socket_place.ts";
import { NoAnswer } from "./wire.ts";

/** A socket that was found, with what its name tells. */
export interface Found extends SocketName {
  readonly path: string;
}

/** All sockets, by name and process id. Whether anybody listens is not known before it is asked. */
export function findSockets(): Found[] {
  const folders = process.platform === "win32" ? ["\\\\.\\pipe\\"] : controlFolders();
  const found = folders.filter(isTrusted).flatMap((folder) =>
    namesIn(folder).flatMap((file): Found[] => {
      const path = process.platform === "win32" ? `\\\\.\\pipe\\${file}` : `${folder}/${file}`;
      if (process.platform === "win32" && !path.startsWith(PIPE_PREFIX)) return [];
      const name = readSocketName(file);
      return name && isSocket(path) ? [{ ...name, path }] : [];
    })
  );
  return found.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.pid - b.pid);
}

/** The processes that a name or a process id means. */
export function chosen(found: readonly Found[], target: string): Found[] {
  const byPid = /^[1-9]\d*$/.test(target) ? found.filter(({ pid }) => pid === Number(target)) : [];
  if (byPid.length > 0) return byPid;
  // A socket has the name as far as a file can have it.
  const shown = readSocketName(socketPath("/", { name: target, pid: 1 }))?.name;
  return found.filter(({ name }) => name === shown);
}

/**
 * Takes the error of an ask: where nobody listens, the socket is stale, and removed. True for such a one.
 * A process that opens its socket at this moment has a lock beside it.
 */
export function removeStale({ path }: Found, error: unknown): boolean {
  if (!(error instanceof NoAnswer) || error.kind !== "refused") return false;
  if (process.platform === "win32" || exists(`${path}.lock`)) return true;
  try {
    unlinkSync(path);
  } catch {
    // Another process was faster, or the file belongs to another user.
  }
  return true;
}

/** A folder of somebody else could hold sockets that lie; root sees all. */
function isTrusted(folder: string): boolean {
  const uid = process.getuid?.();
  if (uid === undefined || uid === 0) return true;
  try {
    return [0, uid].includes(lstatSync(folder).uid);
  } catch {
    return false;
  }
}

function isSocket(path: string): boolean {
  if (process.platform === "win32") return true;
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
