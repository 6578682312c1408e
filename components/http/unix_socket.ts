/**
 * The file of a unix socket. A socket that a dead process left behind is taken over, under a lock, so that of several
 * processes exactly one gets it; a socket on which another process listens is refused.
 * @module
 */

/** The longest path of a unix socket, in bytes. Node 22 would cut a longer one without a word. */
const LONGEST_PATH = 107;

/** A lock is held for a few milliseconds: one that is so old was left behind by a process that died. */
const STALE_LOCK_MS = 5000;

/** How long to wait for the lock. */
const LOCK_WITHIN_MS = 15_000;

/** How often the lock is tried while another process has it. */
const LOCK_RETRY_MS = 10;

/**
 * Calls `listen` when the path is free, and holds the lock until it has settled.
 * @throws {Error} If another process listens there, the file is no socket, or the folder is missing.
 */
export async function listenOnSocket<T>(
  { path, mode }: { readonly path: string; readonly mode: number | undefined },
  listen: () => Promise<T>,
): Promise<T> {
  // A named pipe of Windows is no file, and ends with its process.
  if (path.startsWith("\\\\")) return await listen();
  if (new TextEncoder().encode(path).length > LONGEST_PATH) {
    throw new Error(`the path has more than ${LONGEST_PATH} bytes`);
  }
  const unlock = await lock(path);
  try {
    await removeStale(path);
    return await (mode === undefined ? listen() : listenWithMode(path, mode, listen));
  } finally {
    await unlock();
  }
}

/** Removes a socket that nobody listens on any more. */
async function removeStale(path: string): Promise<void> {
  const { lstat, unlink } = await import("node:fs/promises");
  const file = await lstat(path).catch(() => undefined);
  if (!file) return;
  if (!file.isSocket()) throw new Error("there is a file of this name that is no socket");
  const error = await knock(path);
  if (!error) throw new Error("another process listens there");
  if (error.code !== "ECONNREFUSED") {
    throw new Error(`a socket is there already: ${error.message}`, { cause: error });
  }
  await unlink(path);
}

/** Connects once: the error of it, or undefined where somebody accepts the connection. */
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

/** Makes the socket with its permissions: it never has others, not even for a moment. */
async function listenWithMode<T>(path: string, mode: number, listen: () => Promise<T>): Promise<T> {
  const [{ chmod, stat }, { umask }] = await Promise.all([
    import("node:fs/promises"),
    import("node:process"),
  ]);
  let before: number | undefined;
  let listening: Promise<T>;
  try {
    try {
      before = umask(~mode & 0o777);
    } catch {
      // A worker thread may not set it.
    }
    // Every runtime makes the file before this returns.
    listening = listen();
  } finally {
    if (before !== undefined) umask(before);
  }
  const value = await listening;
  if (((await stat(path)).mode & 0o777) !== mode) await chmod(path, mode);
  return value;
}

/** Waits for the lock of a path, and returns what releases it. */
async function lock(path: string): Promise<() => Promise<void>> {
  const { open, unlink } = await import("node:fs/promises");
  const name = `${path}.lock`;
  const since = Date.now();
  while (Date.now() - since < LOCK_WITHIN_MS) {
    try {
      // Exclusive: of several processes one makes the file.
      const file = await open(name, "wx", 0o600);
      await file.close();
      return () => unlink(name).catch(() => {});
    } catch (error) {
      if ((error as { readonly code?: string }).code !== "EEXIST") throw error;
      await removeStaleLock(name);
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
    }
  }
  throw new Error(`another process holds "${name}"`);
}

async function removeStaleLock(name: string): Promise<void> {
  const { link, rename, stat, unlink } = await import("node:fs/promises");
  const isStale = async (file: string) => {
    const found = await stat(file).catch(() => undefined);
    return found !== undefined && Date.now() - found.mtimeMs > STALE_LOCK_MS;
  };
  if (!await isStale(name)) return;
  // One process alone can move it away. It looks again at what it has: another may have been quicker, and hold it.
  const moved = `${name}.${Math.random().toString(36).slice(2)}`;
  const isMoved = await rename(name, moved).then(() => true, () => false);
  if (!isMoved) return;
  if (!await isStale(moved)) await link(moved, name).catch(() => {});
  await unlink(moved).catch(() => {});
}
