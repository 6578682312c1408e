/**
 * Errors of writing to the standard output and error: a reader that went away, a terminal that was closed, a full disk.
 * None of them may end the program, or cut its stop short.
 * @module
 */
import type { ProcessLike, ProcessListener, StreamLike } from "./process_like.ts";

/** The standard streams, in the hands of a bus. */
export interface HeldOutput {
  /** From now on, `error` listeners of others are not called: the bus stops, and must not be cut short by one. */
  silence(): void;
  /** Listeners of others are called again. */
  restore(): void;
  /** Lets go of all. */
  release(): void;
}

/**
 * Takes the write errors of the standard output and error. Without a listener, Node and Bun throw such an error, and that
 * ends the process. Deno throws out of the call that writes.
 */
export function holdOutput(process: ProcessLike): HeldOutput {
  const streams = [process.stdout, process.stderr];
  const ignore: ProcessListener = () => {};
  for (const stream of streams) stream.on("error", ignore);
  const undo = process.versions["deno"] === undefined ? [] : [...streams.map(calmStream), calmConsole()];
  let taken: (() => void)[] = [];
  const restore = () => {
    for (const putBack of taken) putBack();
    taken = [];
  };
  return {
    silence() {
      for (const stream of streams) {
        for (const listener of stream.rawListeners("error")) {
          if (listener === ignore) continue;
          stream.off("error", listener);
          taken.push(() => stream.on("error", listener));
        }
      }
    },
    restore,
    release() {
      restore();
      for (const stream of streams) stream.off("error", ignore);
      for (const one of undo) one();
    },
  };
}

/** Whether the operating system refused the write; anything else is the program's own fault. */
function isOutputError(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return error instanceof Error && typeof code === "string" && /^E[A-Z]+$/.test(code);
}

/** Makes `write` of a stream return instead of throwing what the operating system refused. */
function calmStream(stream: StreamLike): () => void {
  return calm(stream as unknown as Record<string, unknown>, "write");
}

/** The same for the methods of the console, which on Deno do not go through the streams. */
function calmConsole(): () => void {
  const { console } = globalThis as unknown as { readonly console: Record<string, unknown> };
  const names = Object.keys(console).filter((name) => typeof console[name] === "function");
  const undo = names.map((name) => calm(console, name));
  return () => undo.forEach((one) => one());
}

function calm(host: Record<string, unknown>, name: string): () => void {
  const own = Object.hasOwn(host, name);
  const method = host[name] as (...args: unknown[]) => unknown;
  const calmed = function (this: unknown, ...args: unknown[]): unknown {
    try {
      return method.apply(this, args);
    } catch (error) {
      if (isOutputError(error)) return false;
      throw error;
    }
  };
  host[name] = calmed;
  return () => {
    if (host[name] !== calmed) return;
    if (own) host[name] = method;
    else delete host[name];
  };
}
