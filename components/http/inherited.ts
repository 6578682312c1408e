/**
 * A listening socket that the process has inherited: from a pool of processes, which names its sockets in `SITEBUS_FDS`,
 * or from systemd.
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
 * @module
 */
import type { NodeServerLike } from "./_node_like.ts";
import { outcomeOf } from "./_node_listen.ts";

/** The listener on an inherited socket: the server itself, or on Bun a server that hands it the connections. */
export type Listener = Pick<
  NodeServerLike,
  "listening" | "listen" | "close" | "address" | "on" | "removeListener"
>;

/** The first of the sockets that systemd hands over. */
const FIRST_FD = 3;

interface ProcessLike {
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Listens on the inherited socket of a name, and returns what listens.
 * @throws {Error} If there is no such socket, or it cannot be listened on.
 */
export async function listenInherited(server: NodeServerLike, name: string): Promise<Listener> {
  const { default: process } = await import("node:process");
  const fd = inheritedFd(name, process);
  const listener = "Bun" in globalThis ? await bunListener(server) : server;
  try {
    await outcomeOf(listener, () => listener.listen({ fd }));
  } catch (cause) {
    throw new Error(`Cannot listen on the inherited socket "${name}": ${(cause as Error).message}`, {
      cause,
    });
  }
  return listener;
}

/**
 * Finds an inherited socket by its name.
 * @throws {Error} If the process has none of this name.
 */
export function inheritedFd(name: string, { pid, env }: ProcessLike): number {
  const refuse = (why: string) => new Error(`Cannot listen on the inherited socket "${name}": ${why}`);
  const { SITEBUS_FDS: own, LISTEN_FDS: count, LISTEN_FDNAMES: names = "", LISTEN_PID: heir } = env;
  for (const part of own?.split(",") ?? []) {
    const [, fd, found] = /^(\d+):(.+)$/.exec(part) ?? [];
    if (fd === undefined) throw refuse(`SITEBUS_FDS is "${own}", expected such as "3:web,4:admin"`);
    if (found === name) return Number(fd);
  }
  if (own !== undefined) throw refuse(`SITEBUS_FDS is "${own}", which has no such name`);
  if (count === undefined) throw refuse("neither SITEBUS_FDS nor LISTEN_FDS is set, so the process has none");
  if (heir !== String(pid)) {
    throw refuse(
      `LISTEN_PID is "${heir}", and this is process ${pid}: a wrapper got the sockets; start it by exec`,
    );
  }
  const index = names.split(":").indexOf(name);
  if (index >= 0 && index < Number(count)) return FIRST_FD + index;
  throw refuse(`LISTEN_FDNAMES is "${names}", which has no such name among ${count}`);
}

/** Bun's servers ignore a socket that they are given, without a word; those of `node:net` and `node:tls` do not. */
async function bunListener(server: NodeServerLike): Promise<Listener> {
  const accept = (socket: unknown) => void server.emit("connection", socket);
  if (!("ALPNProtocols" in server)) {
    const { createServer } = await import("node:net");
    return createServer(accept) as unknown as Listener;
  }
  // The options of `node:https` are kept there alone.
  const key = Object.getOwnPropertySymbols(server).find(({ description }) => description === "options");
  const options = key && Reflect.get(server, key) as object | undefined;
  if (!options) throw new Error("this version of Bun does not tell the certificate of the server");
  const { createServer } = await import("node:tls");
  return createServer({ ...options }, accept) as unknown as Listener;
}
