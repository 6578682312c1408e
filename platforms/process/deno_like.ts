/**
 * The members of `Deno` that the platforms use.
 * @module
 */

/** How a child of Deno ended. */
export interface DenoStatus {
  /** Its exit code; 128 and the number of the signal if a signal ended it. */
  readonly code: number;
  /** The signal that ended it. */
  readonly signal: string | null;
}

/** A child process of Deno. */
export interface DenoChild {
  /** Its process id. */
  readonly pid: number;
  /** Resolves when the child has ended. */
  readonly status: Promise<DenoStatus>;
  /** Sends it a signal; needs no permission of its own. */
  kill(signal: never): void;
}

/** How a child of Deno is started. */
export interface DenoCommandOptions {
  readonly args: string[];
  readonly stdin: "inherit";
  readonly stdout: "inherit";
  readonly stderr: "inherit";
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly clearEnv?: boolean;
}

/** The members of `Deno` that the platforms use. */
export interface DenoLike {
  /** Runs a program. */
  readonly Command: new (file: string, options: DenoCommandOptions) => { spawn(): DenoChild };
  /** The permissions of this program. */
  readonly permissions: {
    querySync(descriptor: { readonly name: string; readonly command?: unknown }): { readonly state: string };
  };
  /** Adds a listener for a signal. */
  addSignalListener(name: never, listener: () => void): void;
  /** Ends the process at once. */
  exit(code?: number): never;
  /** Sends a signal. Default SIGTERM. */
  kill(pid: number, signal?: never): void;
  /** Removes a listener. */
  removeSignalListener(name: never, listener: () => void): void;
  /** Loads a library. */
  dlopen(path: string, symbols: never): { readonly symbols: unknown };
  /** Reads the memory that a pointer points to. */
  readonly UnsafePointerView: new (pointer: never) => { getUint16(offset: number): number };
  /** The path of Deno's executable. */
  execPath(): string;
  /** Reads a file. */
  readTextFileSync(path: string): string;
}

/** Returns `Deno`, if this program runs in it. */
export function ownDeno(): DenoLike | undefined {
  return (globalThis as { readonly Deno?: DenoLike }).Deno;
}
