/**
 * The functions of kernel32.dll, called by the foreign function interface of each runtime.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import { ownDeno } from "../process/deno_like.ts";
import { builtinModule, type ProcessLike } from "../process/process_like.ts";

/** The runtime that calls Windows. */
export type KernelRuntime = "node" | "deno" | "bun";

/** The functions that return at once. Functions that block are called on threads of their own, in `threads.ts`. */
export interface KernelSymbols {
  OpenEventW(access: number, inherit: number, name: Uint8Array): number | bigint;
  CreateEventW(security: null, manual: number, set: number, name: Uint8Array | null): number | bigint;
  SetEvent(event: bigint): number;
  ResetEvent(event: bigint): number;
  CloseHandle(handle: bigint): number;
}

/** The loaded library. */
export interface Kernel {
  readonly runtime: KernelRuntime;
  /** The path of koffi, on Node. */
  readonly koffi: string | undefined;
  readonly symbols: KernelSymbols;
}

/** The types of parameters and results. */
type Word = "handle" | "pointer" | "i32" | "u32";

const functions: { readonly [N in keyof KernelSymbols]: readonly [gives: Word, ...takes: readonly Word[]] } =
  {
    OpenEventW: ["handle", "u32", "i32", "pointer"],
    CreateEventW: ["handle", "pointer", "i32", "i32", "pointer"],
    SetEvent: ["i32", "handle"],
    ResetEvent: ["i32", "handle"],
    CloseHandle: ["i32", "handle"],
  };

/** The names that each runtime has for these types. */
const words: { readonly [R in KernelRuntime]: Readonly<Record<Word, string>> } = {
  node: { handle: "uintptr_t", pointer: "void *", i32: "int32", u32: "uint32" },
  deno: { handle: "usize", pointer: "buffer", i32: "i32", u32: "u32" },
  bun: { handle: "u64", pointer: "ptr", i32: "i32", u32: "u32" },
};

const library = "kernel32.dll";

/**
 * Loads kernel32.dll.
 * @throws {Error} If the runtime may not or cannot call the library; the message says what is missing.
 */
export function loadKernel(process: ProcessLike): Kernel {
  const runtime = runtimeOf(process);
  try {
    if (runtime === "deno") return { runtime, koffi: undefined, symbols: byDeno() };
    if (runtime === "bun") return { runtime, koffi: undefined, symbols: byBun(process) };
    return { runtime, ...byKoffi(process) };
  } catch (cause) {
    throw new Error(`Cannot call Windows: ${textOf(cause).split("\n")[0]}`, { cause });
  }
}

/** Returns the runtime of a process. */
export function runtimeOf({ versions }: ProcessLike): KernelRuntime {
  return versions["deno"] !== undefined ? "deno" : versions["bun"] !== undefined ? "bun" : "node";
}

/** Whether Deno has the permission to call Windows. Does not prompt for it. */
export function denoMayCall(): boolean {
  return ownDeno()?.permissions.querySync({ name: "ffi" }).state === "granted";
}

function byDeno(): KernelSymbols {
  // Checked first, since `dlopen` prompts for the permission on a terminal.
  if (!denoMayCall()) throw new Error("Deno may not; pass --allow-ffi");
  const symbols = mapFunctions((gives, takes) => ({
    parameters: takes.map((word) => words.deno[word]),
    result: words.deno[gives],
  }));
  return ownDeno()!.dlopen(library, symbols as never).symbols as KernelSymbols;
}

function byBun(process: ProcessLike): KernelSymbols {
  const symbols = mapFunctions((gives, takes) => ({
    args: takes.map((word) => words.bun[word]),
    returns: words.bun[gives],
  }));
  return builtinModule(process, "bun:ffi").dlopen(library, symbols).symbols as KernelSymbols;
}

function byKoffi(process: ProcessLike): Pick<Kernel, "koffi" | "symbols"> {
  const fromHere = builtinModule(process, "node:module").createRequire(import.meta.url);
  const path = pathOfKoffi(fromHere);
  const { load } = fromHere(path) as KoffiLike;
  const kernel = load(library);
  const symbols = mapFunctions((gives, takes, name) =>
    kernel.func(name, words.node[gives], takes.map((word) => words.node[word]))
  );
  return { koffi: path, symbols: symbols as unknown as KernelSymbols };
}

function pathOfKoffi(fromHere: { resolve(id: string): string }): string {
  try {
    return fromHere.resolve("koffi");
  } catch (cause) {
    throw new Error("koffi is not installed; npm install koffi", { cause });
  }
}

function mapFunctions<T>(
  make: (gives: Word, takes: readonly Word[], name: string) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, [gives, ...takes]]) => [name, make(gives, takes, name)]),
  );
}

/** The members of koffi that are used here. */
interface KoffiLike {
  load(path: string): { func(name: string, gives: string, takes: readonly string[]): unknown };
}
