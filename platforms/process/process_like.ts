/**
 * The members of `process` and of the runtime's own modules that the platforms of an operating system use. With these types,
 * published types need no `@types/node`, and tests can pass a process of their own.
 * @module
 */

/** Takes the arguments of any event. */
export type ProcessListener = (...args: unknown[]) => void;

/** The members of `process.stdout` and `process.stderr` that are used. */
export interface StreamLike {
  /** How many bytes are pending. */
  readonly writableLength: number;
  /** Adds a listener. */
  on(name: string, listener: ProcessListener): unknown;
  /** Takes a listener off. */
  off(name: string, listener: ProcessListener): unknown;
  /** The listeners as they were added, with the wrappers of `once`, in order. */
  rawListeners(name: string): ProcessListener[];
  /** Writes, and calls `done` afterwards. */
  write(text: string, done: () => void): unknown;
  /** Writes what is pending, closes, and calls `done` afterwards. */
  end(done: () => void): unknown;
}

/** The members of `process.stdin` that are used. */
export interface InputLike {
  /** Adds a listener. */
  on(name: string, listener: ProcessListener): unknown;
  /** Takes a listener off. */
  off(name: string, listener: ProcessListener): unknown;
  /** Begins to read. */
  resume(): unknown;
  /** Stops reading. */
  pause(): unknown;
  /** Lets the process end although the input is open. */
  unref?(): unknown;
  /** How many listeners there are. */
  listenerCount?(name: string): number;
}

/** The members of `process` that are used; Node, Deno and Bun all have them. */
export interface ProcessLike {
  /** The id of this process. */
  readonly pid: number;
  /** The operating system, `"win32"` for Windows. */
  readonly platform: string;
  /** The versions of this runtime and its parts. */
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
  /** The exit code for when the process ends by itself. */
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
  /** Ends the process at once. */
  exit(code?: number): never;
  /** Sends a signal. */
  kill(pid: number, signal: string): unknown;
  /** Replaces this process by another program, if the runtime can. */
  execve?(file: string, args: readonly string[], env: Readonly<Record<string, string>>): never;
  /** The kinds of resources that keep the process alive, if the runtime knows. */
  getActiveResourcesInfo?(): readonly string[];
  /** The handles that keep the process alive, on Node. */
  _getActiveHandles?(): readonly unknown[];
  /** The IPC channel to the parent process, if there is one. */
  readonly channel?: { unref?(): void } | null | undefined;
  /** Returns a module of the runtime. */
  getBuiltinModule(id: string): unknown;
}

/** A child process of `node:child_process`. */
export interface ChildLike {
  /** Its process id, once it runs. */
  readonly pid?: number | undefined;
  /** Adds a listener for its end. */
  on(name: "exit", listener: (code: number | null, signal: string | null) => void): unknown;
  /** Adds a listener for a failure to start. */
  on(name: "error", listener: (error: Error) => void): unknown;
}

/** A worker thread of the runtime. */
export interface WorkerLike {
  /** Sends a message. */
  postMessage(message: unknown): void;
  /** Lets the process end although the thread runs. */
  unref(): unknown;
  /** Adds a listener. */
  on(name: "message" | "error" | "exit", listener: (value: unknown) => void): unknown;
}

/** The members of a session of the runtime's inspector that are used. */
export interface InspectorSession {
  /** Begins the session. */
  connect(): void;
  /** Ends the session. */
  disconnect(): void;
  /** Sends a request, and calls `done` with the answer before it returns. */
  post(method: string, parameters: object, done: (error: Error | null, answer?: unknown) => void): void;
  /** Adds a listener. */
  on(name: "Debugger.scriptParsed", listener: (message: { readonly params: unknown }) => void): unknown;
}

/** The members of the runtime's modules that are used. */
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

/** Returns a module of the runtime when it is needed. A static import would fail on a runtime without that module. */
export function builtinModule<K extends keyof BuiltinModules>(
  process: ProcessLike,
  id: K,
): BuiltinModules[K] {
  return process.getBuiltinModule(id) as BuiltinModules[K];
}

/** Returns the name of the process's operating system for messages. */
export function operatingSystem(process: ProcessLike): string {
  return process.platform === "win32" ? "windows" : process.platform;
}

/**
 * Returns the process that this program runs in.
 * @throws {Error} If there is none, as on Workers and in browsers. The message begins with `action`.
 */
export function ownProcess(action: string): ProcessLike {
  const { process, navigator } = globalThis as unknown as {
    readonly process?: Partial<ProcessLike>;
    readonly navigator?: { readonly userAgent?: string };
  };
  // Cloudflare Workers with `nodejs_compat` have a process that looks like Node's, but no signals.
  const runtime = navigator?.userAgent;
  if (runtime === "Cloudflare-Workers") throw new Error(`${action}: the runtime is "${runtime}"`);
  if (typeof process?.getBuiltinModule !== "function" || typeof process.kill !== "function") {
    throw new Error(`${action}: the runtime has no process of an operating system`);
  }
  return process as ProcessLike;
}
