/**
 * Holds the sockets of a pool, in the way that this runtime has.
 * @module
 */
import { lookup } from "node:dns/promises";
import { lstatSync, rmSync } from "node:fs";
import process from "node:process";
import { textOf } from "../../src/errors.ts";
import { ownDeno } from "../../platforms/process/deno_like.ts";
import { checkSocket, givenSockets } from "../../platforms/process/given_sockets.ts";
import { listenOnSocket } from "../http/unix_socket.ts";
import type { HeldSocket, ListenPlace } from "./held_socket.ts";
import { bindByLibc } from "./hold_by_libc.ts";
import { bindByNode, type BindPlace, type BoundByNode } from "./hold_by_node.ts";

// Deno and Bun have some of Node's functions by name, and they do something else.
const isNode = ownDeno() === undefined && process.versions["bun"] === undefined;

/**
 * Holds one socket: the one of that name that this process was started with, else one of its own.
 * @throws {Error} Where it cannot be held, saying what would do.
 */
export async function holdSocket(name: string, place: ListenPlace): Promise<HeldSocket> {
  const { host = "127.0.0.1", port = 0, path } = place;
  const address = path ?? `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const action = `Cannot hold the socket "${name}" on ${address}`;
  const given = givenSockets().get(name);
  if (given !== undefined) {
    checkSocket(action, name, given);
    const stays = ownDeno() !== undefined;
    // The next start needs it again, and whoever gave it holds it too.
    return { name, fd: given, stays, address, port: undefined, close() {} };
  }
  if (process.platform === "win32") {
    throw new Error(
      `${action}: on Windows no process can inherit one; leave out "listen", and have each unit listen on a port of its own`,
    );
  }
  const bound = path === undefined
    ? bind(action, await resolve(action, host, port))
    : await bindPath(action, path);
  const mark = path === undefined ? undefined : fileMark(path);
  let isClosed = false;
  return {
    name,
    fd: bound.fd,
    stays: ownDeno() !== undefined,
    address: bound.port === undefined ? address : address.replace(/\d+$/, String(bound.port)),
    port: bound.port,
    close() {
      if (isClosed) return;
      isClosed = true;
      bound.close();
      // Another program may have the path by now.
      if (path !== undefined && mark !== undefined && fileMark(path) === mark) rmSync(path, { force: true });
    },
  };
}

/** Whether this process can hold a socket of that name for others, as far as can be told before it tries. */
export function canHold(name: string): boolean {
  if (givenSockets().has(name)) return true;
  const deno = ownDeno();
  if (deno !== undefined) return deno.permissions.querySync({ name: "ffi" }).state === "granted";
  return process.platform !== "win32";
}

function bind(action: string, place: BindPlace): BoundByNode {
  try {
    return isNode ? bindByNode(place) : bindByLibc(place);
  } catch (cause) {
    const hint = ownDeno() === undefined
      ? ""
      : "; with --allow-ffi Deno can hold one, without it a socket of systemd does";
    throw new Error(`${action}: ${textOf(cause)}${hint}`, { cause });
  }
}

async function bindPath(action: string, path: string): Promise<BoundByNode> {
  try {
    return await listenOnSocket({ path, mode: undefined }, async () => bind(action, { path }));
  } catch (cause) {
    const message = textOf(cause);
    throw message.startsWith(action) ? cause : new Error(`${action}: ${message}`, { cause });
  }
}

async function resolve(action: string, host: string, port: number): Promise<BindPlace> {
  try {
    const { address, family } = await lookup(host);
    return { address, family: family === 6 ? 6 : 4, port };
  } catch (cause) {
    throw new Error(`${action}: the name "${host}" is not known`, { cause });
  }
}

/** Tells one file from another that has the same path later. */
function fileMark(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
