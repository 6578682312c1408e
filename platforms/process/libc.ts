/**
 * The few functions of the C library that the runtimes themselves do not have: for sockets that are held, duplicated or
 * sent to, for groups, and for the clock of the machine. Each runtime calls them by its own means: Deno and Bun by their
 * FFI, Node 26 by `node:ffi`, and older versions of Node by koffi, where it is installed.
 * @module
 */
import { createRequire } from "node:module";
import process from "node:process";
import { textOf } from "../../src/errors.ts";
import { ownDeno } from "./deno_like.ts";

/** The functions, as C has them. */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, size: number): number;
  bind(fd: number, address: Uint8Array, size: number): number;
  listen(fd: number, backlog: number): number;
  getsockname(fd: number, address: Uint8Array, size: Uint8Array): number;
  fcntl(fd: number, command: number, value: number): number;
  close(fd: number): number;
  sendto(
    fd: number,
    text: Uint8Array,
    length: bigint,
    flags: number,
    address: Uint8Array,
    size: number,
  ): number;
  clock_gettime(clock: number, time: Uint8Array): number;
  setgroups(count: bigint, groups: Uint8Array): number;
  setgid(group: number): number;
  setuid(user: number): number;
}

/** `size` is a number as long as a pointer; it is given as a bigint, which all runtimes take. */
type Word = "i32" | "size" | "bytes";

const FUNCTIONS: { readonly [N in keyof Libc]: readonly Word[] } = {
  socket: ["i32", "i32", "i32"],
  setsockopt: ["i32", "i32", "i32", "bytes", "i32"],
  bind: ["i32", "bytes", "i32"],
  listen: ["i32", "i32"],
  getsockname: ["i32", "bytes", "bytes"],
  // It takes a list of any length, which is the same to the processors that Linux runs on.
  fcntl: ["i32", "i32", "i32"],
  close: ["i32"],
  // Its result is as long as a pointer; the lower half of it is enough to tell a failure, which is -1.
  sendto: ["i32", "bytes", "size", "i32", "bytes", "i32"],
  clock_gettime: ["i32", "bytes"],
  setgroups: ["size", "bytes"],
  setgid: ["i32"],
  setuid: ["i32"],
};

/** The names of the words in each runtime. */
const WORDS = {
  deno: { i32: "i32", size: "usize", bytes: "buffer" },
  bun: { i32: "i32", size: "u64", bytes: "ptr" },
  node: { i32: "i32", size: "u64", bytes: "buffer" },
  koffi: { i32: "int", size: "size_t", bytes: "void *" },
} as const;

/** The C library of glibc and musl. */
const LIBRARIES = ["libc.so.6", "libc.so"];

let loaded: Libc | undefined;

/**
 * Loads the functions.
 * @throws {Error} Where this runtime cannot call them, saying what is missing.
 */
export function loadLibc(): Libc {
  return loaded ??= load();
}

function load(): Libc {
  if (process.platform !== "linux") throw new Error("only those of Linux are known");
  if (ownDeno() !== undefined) return byDeno();
  if (process.versions["bun"] !== undefined) return firstLibrary(byBun);
  const hasFfi = process.getBuiltinModule("node:ffi" as never) !== undefined;
  return firstLibrary(hasFfi ? byNode : byKoffi);
}

function firstLibrary(open: (library: string) => Libc): Libc {
  let first: unknown;
  for (const library of LIBRARIES) {
    try {
      return open(library);
    } catch (error) {
      first ??= error;
    }
  }
  throw new Error(textOf(first).split("\n")[0], { cause: first });
}

function byDeno(): Libc {
  const deno = ownDeno()!;
  // Asking first, since Deno would prompt on a terminal.
  if (deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw new Error("Deno may not call it; pass --allow-ffi");
  }
  const symbols = mapFunctions((takes) => ({
    parameters: takes.map((word) => WORDS.deno[word]),
    result: "i32",
  }));
  return firstLibrary((library) => deno.dlopen(library, symbols as never).symbols as Libc);
}

function byBun(library: string): Libc {
  const { dlopen } = process.getBuiltinModule("bun:ffi" as never) as {
    dlopen(path: string, symbols: object): { readonly symbols: unknown };
  };
  const symbols = mapFunctions((takes) => ({
    args: takes.map((word) => WORDS.bun[word]),
    returns: "i32",
  }));
  return dlopen(library, symbols).symbols as Libc;
}

interface NodeFfi {
  dlopen(path: string, symbols: object): { readonly functions: Libc };
}

function byNode(library: string): Libc {
  const ffi = process.getBuiltinModule("node:ffi" as never) as NodeFfi;
  const symbols = mapFunctions((takes) => ({
    arguments: takes.map((word) => WORDS.node[word]),
    return: "i32",
  }));
  return ffi.dlopen(library, symbols).functions;
}

interface KoffiLike {
  load(path: string): { func(name: string, gives: string, takes: readonly string[]): unknown };
}

function byKoffi(library: string): Libc {
  let koffi: KoffiLike;
  try {
    koffi = createRequire(import.meta.url)("koffi") as KoffiLike;
  } catch (cause) {
    throw new Error("this version of Node needs koffi for that; install it", { cause });
  }
  const lib = koffi.load(library);
  return mapFunctions((takes, name) =>
    lib.func(name, "int", takes.map((word) => WORDS.koffi[word]))
  ) as unknown as Libc;
}

function mapFunctions<T>(describe: (takes: readonly Word[], name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(FUNCTIONS).map(([name, takes]) => [name, describe(takes, name)]));
}
