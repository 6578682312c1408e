/**
 * Why a server cannot listen, in one line. Each runtime words the same error differently.
 * @module
 */
import type { Place } from "./place.ts";
import { listenOnSocket } from "./unix_socket.ts";

/** The meaning of the error codes of the operating system on a host and a port. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use",
  EACCES: "this user may not use the port",
  EADDRNOTAVAIL: "no interface of this machine has the address",
};

/** The meaning of the same codes on a unix socket. */
const PATH_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the path is in use",
  EACCES: "this user may not use the path",
  ENOENT: "there is no such folder",
};

/**
 * Calls `listen`, which listens at `place`.
 * @throws {Error} If it cannot, naming host and port, or the path.
 */
export async function listenAt<T>(place: Place, listen: () => Promise<T>): Promise<T> {
  const { path, mode } = place;
  try {
    return await (path === undefined ? listen() : listenOnSocket({ path, mode }, listen));
  } catch (error) {
    throw await listenError(error, place);
  }
}

async function listenError(error: unknown, { host, port, path }: Place): Promise<Error> {
  const where = path === undefined ? `${host.includes(":") ? `[${host}]` : host}:${port}` : `"${path}"`;
  const { code } = Object(error) as { readonly code?: string };
  const unknown = path === undefined && !(await resolves(host));
  const known = (path === undefined ? REASONS : PATH_REASONS)[code ?? ""];
  const why = unknown ? "the name cannot be resolved" : known ?? lineOf(error);
  return new Error(`Cannot listen on ${where}: ${why}`, { cause: error });
}

/** The name is looked up first: Bun blames a name that it cannot look up on whatever failed last. */
async function resolves(host: string): Promise<boolean> {
  try {
    const { lookup } = await import("node:dns/promises");
    return Boolean(await lookup(host));
  } catch {
    return false;
  }
}

function lineOf(error: unknown): string {
  const { message } = Object(error) as { readonly message?: unknown };
  const [line = ""] = String(message ?? error).split("\n");
  return line.trim() || "an error without a message";
}
