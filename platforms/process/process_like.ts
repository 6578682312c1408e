/**
 * What the platforms of an operating system use of `process` and of the runtime's own modules, written down
 * so that published types need no `@types/node`, and tests may inject their own.
 * @module
 */

/** Takes the arguments of any event. */
export type ProcessListener = (...args: unknown[]) => void;

/** What is used of `process.stdout` and `process.stderr`. */
export interface StreamLike {
  /** How much was written and not taken yet. */
  readonly writableLength: number;
  /** Adds a listener. */
  on(name: string, listener: ProcessListener): unknown;
  /** Takes a listener off. */
  off(name: string, listener: ProcessListener): unknown;
  /** The listeners as they were added, in order. */
  rawListeners(name: string): ProcessListener[];
  /** Writes, and calls `done` afterwards. */
  write(text: string, done: () => void): unknown;
  /** Writes what is pending, closes, and calls `done` afterwards. */
  end(done: () => void): unknown;
}

/** What is used of `process.stdin`. */
export interface InputLike {
  /** Adds a listener. */
  on(name: string, listener: ProcessListener): unknown;
  /** Takes a listener off. */
  off(name: string, listener: ProcessListener): unknown;
  /** Reads. */
  resume(): unknown;
  /** Reads no more. */
  pause(): unknown;
  /** Keeps the process alive no longer, where it did. */
  unref?(): unknown;
  /** How many listeners there are. */
  listenerCount?(name: string): number;
}

/** What is used of `process`; Node, Deno and Bun all have it. */
export interface ProcessLike {
  /** The id of this process. */
  readonly pid: number;
  /** The operating system, `"win32"` for Windows. */
  readonly platform: string;
  /** The versions of what this runtime is made of. */
  readonly versions: { readonly [name: string]: string | undefined };
  /** The path of the runtime's executable. */
  readonly execPath: string;
  /** The runtime's own flags. */
  readonly execArgv: readonly string[];
  /** The executable, the program, and the program's arguments. */
  readonly argv: readonly string[];
  /** The environment. Deno refuses to read it without permission. */
  readonly env: { readonly [name: string]: string | undefined };
  /** The standard input. */
  readonly stdin: InputLike;
  /** The standard output. */
  readonly stdout: StreamLike;
  /** The standard error. */
  readonly stderr: StreamLike;
  /** What a natural end exits with. */
  exitCode?: number | string | null | undefined;
  /** Seconds since the process began. */
  uptime(): number;
  /** The working directory. */
  cwd(): string;
  /** Changes the working directory. */
  chdir(directory: string): void;
  /** Adds a listener. */
  on(name: string, listener: ProcessListener): unknown;
  /** Adds a listener before all others. */
  prependListener(name: string, listener: ProcessListener): unknown;
  /** Takes a listener off. */
  off(name: string, listener: ProcessListener): unknown;
  /** The listeners, in order. */
  listeners(name: string): unknown[];
  /** The listeners as they were added, in order. */
  rawListeners?(name: string): unknown[];
  /** Ends at once. */
  exit(code?: number): never;
  /** Sends a signal. */
  kill(pid: number, signal: string): unknown;
  /** Becomes another program, where the runtime can. */
  execve?(file: string, args: readonly string[], env: Readonly<Record<string, string>>): never;
  /** What keeps the process alive, where the runtime knows. */
  getActiveResourcesInfo?(): readonly string[];
  /** The same as objects, on Node. */
  _getActiveHandles?(): readonly unknown[];
  /** The channel to the parent process, where it made one. */
  readonly channel?: { unref?(): void } | null | undefined;
  /** A module of the runtime. */
  getBuiltinModule(id: string): unknown;
}

/** A child process as the runtime's own module makes it. */
export interface ChildLike {
  /** Its id, once it runs. */
  readonly pid?: number | undefined;
  /** Its end. */
  on(name: "exit", listener: (code: number | null, signal: string | null) => void): unknown;
  /** Its failure to start. */
  on(name: "error", listener: (error: Error) => void): unknown;
}

/** A thread of the runtime. */
export interface WorkerLike {
  /** Sends. */
  postMessage(message: unknown): void;
  /** Lets the process end although the thread runs. */
  unref(): unknown;
  /** Adds a listener. */
  on(name: "message" | "error" | "exit", listener: (value: unknown) => void): unknown;
}

/** What is used of a session of the runtime's inspector. */
export interface InspectorSession {
  /** Begins. */
  connect(): void;
  /** Ends. */
  disconnect(): void;
  /** Asks, and calls back before it returns. */
  post(method: string, parameters: object, done: (error: Error | null, answer?: unknown) => void): void;
  /** Adds a listener. */
  on(name: "Debugger.scriptParsed", listener: (message: { readonly params: unknown }) => void): unknown;
}

/** What is used of the runtime's modules. */
export interface BuiltinModules {
  readonly "bun:ffi": { dlopen(path: string, symbols: object): { readonly symbols: unknown } };
  readonly "node:async_hooks": {
    readonly AsyncLocalStorage: new () => { run<R>(store: object, body: () => R): R; getStore(): unknown };
  };
  readonly "node:child_process": {
    spawn(
      file: string,
      args: readonly string[],
      options: {
        readonly stdio: "inherit";
        readonly env: Readonly<Record<string, string>> | undefined;
        readonly cwd: string | undefined;
      },
    ): ChildLike;
  };
  readonly "node:diagnostics_channel": {
    subscribe(name: string, listener: (told: unknown) => void): void;
    unsubscribe(name: string, listener: (told: unknown) => void): unknown;
  };
  readonly "node:fs": {
    readonly constants: { readonly X_OK: number; readonly O_WRONLY: number; readonly O_NONBLOCK?: number };
    accessSync(path: string, mode: number): void;
    statSync(
      path: string,
      options: { readonly throwIfNoEntry: false },
    ): { isDirectory(): boolean } | undefined;
    fstatSync(fd: number): { isFIFO(): boolean };
    openSync(path: string, flags: number): number;
    writeSync(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  };
  readonly "node:inspector": {
    readonly Session: new () => InspectorSession;
  };
  readonly "node:module": {
    createRequire(from: string): { (id: string): unknown; resolve(id: string): string };
  };
  readonly "node:os": { readonly constants: { readonly signals: { readonly [name: string]: number } } };
  readonly "node:timers": {
    setTimeout(fire: () => void, ms: number): { unref(): unknown };
    clearTimeout(timer: never): void;
  };
  readonly "node:tty": { isatty(fd: number): boolean };
  readonly "node:worker_threads": {
    readonly isMainThread: boolean;
    readonly Worker: new (
      text: string,
      options: { readonly eval: true; readonly execArgv: string[]; readonly workerData: object },
    ) => WorkerLike;
  };
}

/** One of the runtime's modules, asked for when needed: a static import would fail where there is none. */
export function builtinModule<K extends keyof BuiltinModules>(
  process: ProcessLike,
  id: K,
): BuiltinModules[K] {
  return process.getBuiltinModule(id) as BuiltinModules[K];
}

/** The name of the process's operating system as messages have it. */
export function operatingSystem(process: ProcessLike): string {
  return process.platform === "win32" ? "windows" : process.platform;
}

/**
 * The process that this program runs in.
 * @throws {Error} where there is none, as on Workers and in browsers, saying that `action` needs one.
 */
export function ownProcess(action: string): ProcessLike {
  const { process, navigator } = globalThis as unknown as {
    readonly process?: Partial<ProcessLike>;
    readonly navigator?: { readonly userAgent?: string };
  };
  // Workers with `nodejs_compat` have a process that looks like Node's, and no signals.
  const runtime = navigator?.userAgent;
  if (runtime === "Cloudflare-Workers") throw new Error(`${action}: the runtime is "${runtime}"`);
  if (typeof process?.getBuiltinModule !== "function" || typeof process.kill !== "function") {
    throw new Error(`${action}: the runtime has no process of an operating system`);
  }
  return process as ProcessLike;
}
