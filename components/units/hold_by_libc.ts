/**
 * A socket held by calls of the C library: bound and listening, and never accepted from.
 * @module
 */
import { ownDeno } from "../../platforms/process/deno_like.ts";
import { loadLibc } from "../../platforms/process/libc.ts";
import { AF_UNIX, unixAddress } from "../../platforms/process/unix_address.ts";
import type { BindPlace, BoundByNode } from "./hold_by_node.ts";

// The numbers of Linux, on all processors that the runtimes are made for.
const AF_INET = 2, AF_INET6 = 10;
const SOCK_STREAM = 1, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
const SOL_SOCKET = 1, SO_REUSEADDR = 2;
const BACKLOG = 511;

/**
 * Binds a socket and listens on it. On Deno children have it at the same number: Deno has no other way to hand one on.
 * @throws {Error} Where the library cannot be called, or the operating system refuses.
 */
export function bindByLibc(place: BindPlace): BoundByNode {
  const libc = loadLibc();
  const family = "path" in place ? AF_UNIX : place.family === 6 ? AF_INET6 : AF_INET;
  const closes = ownDeno() === undefined ? SOCK_CLOEXEC : 0;
  const fd = libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | closes, 0);
  if (fd < 0) throw new Error("the operating system gave no socket");
  const close = () => void libc.close(fd);
  try {
    const address = "path" in place ? unixAddress(place.path) : internetAddress(place);
    if (family !== AF_UNIX) {
      libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, new Uint8Array(new Int32Array([1]).buffer), 4);
    }
    if (libc.bind(fd, address, address.length) < 0 || libc.listen(fd, BACKLOG) < 0) {
      throw new Error("it is taken, or this process may not use it");
    }
    return { fd, port: family === AF_UNIX ? undefined : portOf(fd), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** @see https://man7.org/linux/man-pages/man7/ip.7.html */
function internetAddress(place: { readonly address: string; readonly family: 4 | 6; readonly port: number }) {
  const bytes = new Uint8Array(place.family === 6 ? 28 : 16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, place.family === 6 ? AF_INET6 : AF_INET, true);
  view.setUint16(2, place.port);
  if (place.family === 4) bytes.set(place.address.split(".").map(Number), 4);
  else groupsOf(place.address).forEach((group, index) => view.setUint16(8 + 2 * index, group));
  return bytes;
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  // The last four bytes may be written as in IPv4.
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...four) => {
    const [a = 0, b = 0, c = 0, d = 0] = four.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const [first, last] = [head as string[], tail ?? []];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => "0");
  return [...first, ...zeros, ...last].map((group) => Number.parseInt(group, 16));
}

function portOf(fd: number): number {
  const bytes = new Uint8Array(28);
  loadLibc().getsockname(fd, bytes, new Uint8Array(new Int32Array([bytes.length]).buffer));
  return new DataView(bytes.buffer).getUint16(2);
}
