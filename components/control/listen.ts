/**
 * Opens the socket of control, and its port.
 * @module
 */
import { listenOnSocket } from "../http/unix_socket.ts";
import { groupNumber, prepareFolder, whyUnsafe } from "./folder.ts";
import { ControlServer, type ServerParts } from "./server.ts";
import { controlFolder, PIPE_PREFIX, type SocketName, socketPath } from "./socket_place.ts";
import { removeStaleSockets } from "./stale_sockets.ts";

/** Where the socket is to be, and who may use it. */
export interface SocketPlan {
  /** A path that the program gave; undefined: in the folder of the user. */
  readonly path: string | undefined;
  readonly own: SocketName;
  /** The permissions. */
  readonly mode: number;
  /** The group of the socket. */
  readonly group: string | number | undefined;
  /** Takes a warning. */
  readonly warn: (message: string) => void;
}

/** A socket that is open. */
export interface OpenSocket {
  readonly path: string;
  readonly server: ControlServer;
}

/** Opens the socket with its permissions. @throws {Error} If it cannot. */
export async function openSocket(plan: SocketPlan, parts: ServerParts): Promise<OpenSocket> {
  const { own, mode, group, warn } = plan;
  const folder = plan.path === undefined ? await controlFolder() : undefined;
  const path = plan.path ?? socketPath(folder, own);
  if (folder !== undefined) await prepareFolder(folder);
  else if (!isPipe(path)) {
    const why = await whyUnsafe(path);
    if (why !== undefined) warn(`The control socket "${path}" is not safe: ${why}`);
  }
  let server: ControlServer | undefined;
  // With a group, nobody else may use it before it is that group's.
  const first = group === undefined ? mode : mode & 0o700;
  await listenOnSocket({ path, mode: first }, async () => {
    server = await ControlServer.listen({ path }, parts);
  });
  if (group !== undefined && !isPipe(path)) await giveTo(path, { group, mode });
  if (folder !== undefined) void removeStaleSockets(folder);
  return { path, server: server! };
}

/** Whether a path is that of a named pipe of Windows. */
export function isPipe(path: string): boolean {
  return path.startsWith(PIPE_PREFIX.slice(0, 4));
}

async function giveTo(
  path: string,
  { group, mode }: { readonly group: string | number; readonly mode: number },
): Promise<void> {
  const { chmod, lchown, lstat } = await import("node:fs/promises");
  const { uid } = await lstat(path);
  await lchown(path, uid, await groupNumber(group));
  await chmod(path, mode);
}
