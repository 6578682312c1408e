/**
 * Errors of writing to the standard output and error: the reader went away, the terminal was closed, the disk is full.
 * Such an error must not end the program, nor interrupt its stop.
 * @module
 */
import type { ProcessLike, ProcessListener, StreamLike } from "./process_like.ts";

/** The standard output and error while their errors are handled. */
export interface HeldOutput {
  /** Removes the `error` listeners of other code while the bus stops, since such a listener may end the process. */
  silence(): void;
  /** Adds the removed listeners again. */
  restore(): void;
  /** Undoes everything. */
  release(): void;
}

/**
 * Handles the write errors of the standard output and error. Without a listener, Node and Bun throw such an error, which ends
 * the process. On Deno the call that writes throws.
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

/** Whether the operating system refused the write. Another error is a mistake of the program, and must be thrown. */
function isOutputError(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return error instanceof Error && typeof code === "string" && /^E[A-Z]+$/.test(code);
}

/** Makes `write` of a stream return false, instead of throwing, if the operating system refuses the write. */
function calmStream(stream: StreamLike): () => void {
  return calm(stream as unknown as Record<string, unknown>, "write");
}

/** Does the same for the methods of the console, which on Deno do not write by the streams. */
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
