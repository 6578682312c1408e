/**
 * Listening sockets that this process was started with: by systemd, or by a site whose unit it is.
 * @module
 */
import { fstatSync, statSync } from "node:fs";
import process from "node:process";
import { ownDeno } from "../../platforms/process/deno_like.ts";

/** The variables that name the sockets in the environment; they are not passed to children. */
export const SOCKET_VARIABLES: readonly string[] = [
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "SITEBUS_FDS",
];

/** The first number at which systemd gives sockets. @see https://www.freedesktop.org/software/systemd/man/sd_listen_fds.html */
const FIRST_FD = 3;

type Env = { readonly [name: string]: string | undefined };

/** The sockets of this process by name. Of systemd's, the first unnamed one is called "unknown", as it does itself. */
export function givenSockets(env: Env = process.env, pid: number = process.pid): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const word of (env["SITEBUS_FDS"] ?? "").split(",")) {
    const [, fd, name] = /^(\d+):(.+)$/.exec(word) ?? [];
    if (name !== undefined) found.set(name, Number(fd));
  }
  // The variables name another process: a wrapper that was started with them, and did not become this program.
  if (env["LISTEN_PID"] !== String(pid)) return found;
  const names = (env["LISTEN_FDNAMES"] ?? "").split(":");
  const count = Number(env["LISTEN_FDS"]);
  for (let index = 0; index < count && index < 1000; index++) {
    const name = names[index] || "unknown";
    if (!found.has(name)) found.set(name, FIRST_FD + index);
  }
  return found;
}

/**
 * Checks that a number is a socket.
 * @throws {Error} Where it is closed, or is something else.
 */
export function checkSocket(action: string, name: string, fd: number): void {
  const isSocket = socketAt(fd);
  if (isSocket === true) return;
  const found = isSocket === undefined ? "closed" : "no socket";
  throw new Error(`${action}: the socket "${name}" was given as number ${fd}, and that is ${found}`);
}

/** Whether a number is a socket; undefined where it is closed. */
function socketAt(fd: number): boolean | undefined {
  try {
    // Deno's `fstat` knows no number that the process has inherited.
    return (ownDeno() === undefined ? fstatSync(fd) : statSync(`/dev/fd/${fd}`)).isSocket();
  } catch (error) {
    const { code } = error as { readonly code?: string };
    // Where Deno may not look, the units find it out.
    return code === "ENOENT" || code === "EBADF" ? undefined : true;
  }
}
