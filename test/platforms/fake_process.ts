/**
 * A process for tests inside the runner, where a real signal would hit the runner itself.
 * @module
 */
import { EventEmitter } from "node:events";
import nodeProcess from "node:process";
import type { InputLike, ProcessLike, StreamLike } from "../../platforms/process/process_like.ts";

/** A process whose signals, exits and standard error are the test's. */
export interface FakeProcess extends ProcessLike {
  /** Calls the listeners of a signal or an event. */
  emit(name: string, ...args: unknown[]): boolean;
  /** The codes of `exit`, which does not end the runner. */
  readonly exits: (number | undefined)[];
  /** What was written to the standard error. */
  readonly written: string[];
  /** How many listeners there are in all, of the process and its streams. */
  listenerTotal(): number;
}

/** An output that takes at once what is written. */
function stream(): StreamLike & EventEmitter {
  const output = {
    writableLength: 0,
    write: (_: string, done: () => void) => done(),
    end: (done: () => void) => done(),
  };
  return Object.assign(new EventEmitter(), output) as StreamLike & EventEmitter;
}

/** Makes one, on the runner's own operating system where `overrides` does not say. */
export function fakeProcess(
  overrides: Partial<ProcessLike> & { readonly isMainThread?: boolean } = {},
): FakeProcess {
  const { isMainThread = true, ...rest } = overrides;
  const emitter = new EventEmitter();
  const stdin = Object.assign(new EventEmitter(), {
    resume: () => {},
    pause: () => {},
  }) as unknown as InputLike;
  const [stdout, stderr] = [stream(), stream()];
  const exits: (number | undefined)[] = [];
  const written: string[] = [];
  const modules: Record<string, object> = {
    "node:worker_threads": { isMainThread },
    "node:tty": { isatty: () => false },
    "node:fs": {
      writeSync(_fd: number, bytes: Uint8Array, offset: number) {
        written.push(new TextDecoder().decode(bytes.subarray(offset)));
        return bytes.length - offset;
      },
    },
  };
  return {
    pid: nodeProcess.pid,
    platform: "linux",
    versions: nodeProcess.versions,
    execPath: nodeProcess.execPath,
    execArgv: [],
    argv: [nodeProcess.execPath, "program.ts"],
    env: {},
    stdin,
    stdout,
    stderr,
    cwd: () => nodeProcess.cwd(),
    chdir: () => {},
    on: (name, listener) => emitter.on(name, listener),
    prependListener: (name, listener) => emitter.prependListener(name, listener),
    off: (name, listener) => emitter.off(name, listener),
    listeners: (name) => emitter.listeners(name),
    exit: ((code?: number) => void exits.push(code)) as ProcessLike["exit"],
    uptime: () => 0,
    kill: () => true,
    getBuiltinModule: (id) => modules[id] ?? nodeProcess.getBuiltinModule(id),
    emit: (name, ...args) => emitter.emit(name, ...args),
    exits,
    written,
    listenerTotal: () =>
      [emitter, stdout, stderr].flatMap((one) => one.eventNames().map((name) => one.listenerCount(name)))
        .reduce((sum, count) => sum + count, 0),
    ...rest,
  };
}
