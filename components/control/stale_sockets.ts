/**
 * Sockets that processes left behind that were killed.
 * @module
 */
import { readSocketName } from "./socket_place.ts";

/**
 * Removes the control sockets of a folder on which nobody listens any more. It asks each of them: a process id alone proves
 * nothing, since it may have been used again, or belong to another container. Never rejects.
 */
export async function removeStaleSockets(folder: string): Promise<readonly string[]> {
  const { readdir, unlink } = await import("node:fs/promises");
  const names = await readdir(folder).catch((): string[] => []);
  const removed = await Promise.all(
    names.filter(readSocketName).map(async (name) => {
      const path = `${folder}/${name}`;
      // A socket that is being made refuses too, for a moment, and has a lock beside it.
      if (names.includes(`${name}.lock`) || !await isRefused(path)) return [];
      return await unlink(path).then(() => [path], () => []);
    }),
  );
  return removed.flat();
}

/** Whether nobody listens on a socket. */
export async function isRefused(path: string): Promise<boolean> {
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(false);
    });
    socket.unref();
    socket.on("error", ({ code }: Error & { readonly code?: string }) => resolve(code === "ECONNREFUSED"));
  });
}
