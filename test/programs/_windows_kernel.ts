/**
 * The calls of Windows that the agent of the tests makes, by Deno's FFI. Handles and addresses are numbers.
 */

interface Library {
  readonly symbols: Readonly<Record<string, (...args: unknown[]) => unknown>>;
}

interface DenoFfi {
  dlopen(file: string, symbols: Readonly<Record<string, object>>): Library;
}

const { dlopen } = (globalThis as unknown as { readonly Deno: DenoFfi }).Deno;

/** The error of a failed call. Its message has the error code of Windows. */
export class Win32Error extends Error {
  override readonly name = "Win32Error";
}

const { symbols } = dlopen("kernel32.dll", {
  CloseHandle: { parameters: ["usize"], result: "i32" },
  CreateEventW: { parameters: ["buffer", "i32", "i32", "buffer"], result: "usize" },
  CreateFileW: { parameters: ["buffer", "u32", "u32", "buffer", "u32", "u32", "usize"], result: "usize" },
  CreateMutexW: { parameters: ["buffer", "i32", "buffer"], result: "usize" },
  CreateProcessW: {
    parameters: [
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "i32",
      "u32",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
    ],
    result: "i32",
  },
  CreateRemoteThread: {
    parameters: ["usize", "buffer", "usize", "usize", "usize", "u32", "buffer"],
    result: "usize",
  },
  GetExitCodeProcess: { parameters: ["usize", "buffer"], result: "i32" },
  GetExitCodeThread: { parameters: ["usize", "buffer"], result: "i32" },
  GetLastError: { parameters: [], result: "u32" },
  GetModuleHandleW: { parameters: ["buffer"], result: "usize" },
  GetProcAddress: { parameters: ["usize", "buffer"], result: "usize" },
  OpenEventW: { parameters: ["u32", "i32", "buffer"], result: "usize" },
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  SetEvent: { parameters: ["usize"], result: "i32" },
  TerminateProcess: { parameters: ["usize", "u32"], result: "i32" },
  // This call runs on a thread of Deno's pool. The pool is small, so that no call may block for long.
  WaitForSingleObject: { parameters: ["usize", "u32"], result: "u32", nonblocking: true },
  Look: { name: "WaitForSingleObject", parameters: ["usize", "u32"], result: "u32" },
});

/** Calls a function, and throws if it returns 0, which means that it failed. */
export function must(name: string, ...args: unknown[]): bigint {
  const answer = BigInt(call(name, ...args) as number | bigint);
  if (answer === 0n) throw new Win32Error(`${name} failed with ${call("GetLastError")}`);
  return answer;
}

/** Calls a function. */
export function call(name: string, ...args: unknown[]): unknown {
  return symbols[name]?.(...args);
}

/** Waits for the end of a process or a thread, or until an event is set. Returns false after a timeout of `ms`. */
export async function waitFor(handle: bigint, ms: number): Promise<boolean> {
  const answer = await call("WaitForSingleObject", handle, ms);
  if (answer === 0) return true;
  if (answer === 258) return false;
  throw new Win32Error(`WaitForSingleObject failed with ${call("GetLastError")}`);
}

/** Whether a process or a thread has ended, or an event is set. */
export function hasCome(handle: bigint): boolean {
  return call("Look", handle, 0) === 0;
}

/** Returns the exit code of a process or a thread. */
export function exitCodeOf(kind: "Process" | "Thread", handle: bigint): number {
  const code = new Uint32Array(1);
  must(`GetExitCode${kind}`, handle, bytesOf(code));
  return code[0] ?? 0;
}

/** Encodes a text as Windows reads it, with a zero at the end. */
export function wide(text: string): Uint8Array {
  return bytesOf(Uint16Array.from({ length: text.length + 1 }, (_, at) => text.charCodeAt(at) || 0));
}

/** Returns the address of a function, which is the same in every process. */
export function addressOf(module: string, name: string): bigint {
  return must(
    "GetProcAddress",
    must("GetModuleHandleW", wide(module)),
    new TextEncoder().encode(`${name}\0`),
  );
}

/** Opens a file that children inherit. */
function openInherited(path: string, mode: "read" | "write"): bigint {
  const [read, write, shared, createAlways, openExisting] = [0x8000_0000, 0x4000_0000, 3, 2, 3];
  const security = new DataView(new ArrayBuffer(24));
  security.setUint32(0, 24, true);
  security.setUint32(16, 1, true);
  const [access, disposition] = mode === "read" ? [read, openExisting] : [write, createAlways];
  const file = call("CreateFileW", wide(path), access, shared, bytesOf(security), disposition, 0, 0n);
  if (BigInt(file as bigint) === 0xffff_ffff_ffff_ffffn) {
    throw new Win32Error(`CreateFileW of "${path}" failed with ${call("GetLastError")}`);
  }
  return BigInt(file as bigint);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** The options of `startProcess`. */
export interface ProcessStart {
  /** The executable and its arguments, quoted. */
  readonly commandLine: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The file that both outputs go to. */
  readonly output: string;
}

/** Starts a process in a console of its own. */
export function startProcess(start: ProcessStart): { readonly handle: bigint; readonly pid: number } {
  const [newConsole, unicodeEnvironment, useHandles] = [0x10, 0x400, 0x100];
  const [input, output] = [openInherited("NUL", "read"), openInherited(start.output, "write")];
  const startup = new DataView(new ArrayBuffer(104));
  startup.setUint32(0, 104, true);
  startup.setUint32(60, useHandles, true);
  for (const [at, handle] of [[80, input], [88, output], [96, output]] as const) {
    startup.setBigUint64(at, handle, true);
  }
  const made = new DataView(new ArrayBuffer(24));
  const environment = Object.entries(start.env).map(([name, value]) => `${name}=${value}\0`).join("");
  try {
    must(
      "CreateProcessW",
      null,
      wide(start.commandLine),
      null,
      null,
      1,
      newConsole | unicodeEnvironment,
      wide(environment),
      wide(start.cwd),
      bytesOf(startup),
      bytesOf(made),
    );
  } finally {
    for (const handle of [input, output]) must("CloseHandle", handle);
  }
  must("CloseHandle", made.getBigUint64(8, true));
  return { handle: made.getBigUint64(0, true), pid: made.getUint32(16, true) };
}
