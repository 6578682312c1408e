/**
 * The file of a unix socket. One that a dead process left behind is taken over; a live one is not.
 * @module
 */

/**
 * Makes way for a server that will listen on a unix socket.
 * @throws {Error} Where another process listens there, the file is no socket, or the folder is missing.
 */
export async function freeUnixSocket(path: string): Promise<void> {
  const action = `Cannot listen on "${path}"`;
  const [{ lstat, stat, unlink }, { dirname }] = await Promise.all([
    import("node:fs/promises"),
    import("node:path"),
  ]);
  const file = await lstat(path).catch(() => undefined);
  if (!file) {
    // Node would say of it that permissions are missing.
    await stat(dirname(path)).catch((cause: unknown) => {
      throw new Error(`${action}: there is no such folder`, { cause });
    });
    return;
  }
  if (!file.isSocket()) throw new Error(`${action}: there is a file of this name that is no socket`);
  const error = await knock(path);
  if (!error) throw new Error(`${action}: another process listens there`);
  if (error.code !== "ECONNREFUSED") {
    throw new Error(`${action}: a socket is there already: ${error.message}`, { cause: error });
  }
  await unlink(path);
}

/** The error of a connection to it; undefined where somebody accepts it. */
async function knock(path: string): Promise<(Error & { readonly code?: string }) | undefined> {
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on("error", resolve);
  });
}
