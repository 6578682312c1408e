/**
 * What the platforms use of `Deno`.
 * @module
 */

/** How a child of Deno ended. */
export interface DenoStatus {
  /** Its exit code, 128 and the signal's number where it died of one. */
  readonly code: number;
  /** The signal it died of. */
  readonly signal: string | null;
}

/** A child process of Deno. */
export interface DenoChild {
  /** Its id. */
  readonly pid: number;
  /** Its end. */
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

/** What is used of `Deno`. */
export interface DenoLike {
  /** A program to run. */
  readonly Command: new (file: string, options: DenoCommandOptions) => { spawn(): DenoChild };
  /** What the program may do. */
  readonly permissions: {
    querySync(descriptor: { readonly name: string; readonly command?: unknown }): { readonly state: string };
  };
  /** Adds a listener for a signal. */
  addSignalListener(name: never, listener: () => void): void;
  /** Sends a signal; SIGTERM where none is named. */
  kill(pid: number, signal?: never): void;
  /** Takes a listener off. */
  removeSignalListener(name: never, listener: () => void): void;
  /** Loads a library. */
  dlopen(path: string, symbols: never): { readonly symbols: unknown };
  /** Looks at what a pointer points to. */
  readonly UnsafePointerView: new (pointer: never) => { getUint16(offset: number): number };
  /** The path of Deno's executable. */
  execPath(): string;
  /** Reads a file. */
  readTextFileSync(path: string): string;
}

/** Deno, where this program runs in it. */
export function ownDeno(): DenoLike | undefined {
  return (globalThis as { readonly Deno?: DenoLike }).Deno;
}
