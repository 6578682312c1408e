/**
 * Why a server cannot listen, in one line. Each runtime says something else of the same thing.
 * @module
 */
import type { Place } from "./wiring.ts";

/** The words of an error code of the operating system. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use",
  EACCES: "this user may not use the port",
  EADDRNOTAVAIL: "no interface of this machine has the address",
};

/** The same of a unix socket. */
const PATH_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the path is in use",
  EACCES: "this user may not use the path",
  ENOENT: "there is no such folder",
};

/** Makes the error of a server that cannot listen at `place`, naming host and port, or the path. */
export async function listenError(error: unknown, { host, port, path }: Place): Promise<Error> {
  const where = path === undefined ? `${host.includes(":") ? `[${host}]` : host}:${port}` : `"${path}"`;
  const { code } = Object(error) as { readonly code?: string };
  const unknown = path === undefined && !(await resolves(host));
  const known = (path === undefined ? REASONS : PATH_REASONS)[code ?? ""];
  const why = unknown ? "the name cannot be resolved" : known ?? lineOf(error);
  return new Error(`Cannot listen on ${where}: ${why}`, { cause: error });
}

/** Asked first: Bun says of a name that it cannot look up whatever failed last, be it a port in use. */
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
