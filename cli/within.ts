/**
 * What an application does before its bus runs, with a limit: code that never settles would otherwise end the process
 * with 0 and without a word, or hang for ever.
 * @module
 */
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";
import { durationText } from "../components/log/plain_text.ts";
import { LoadError } from "./load_error.ts";
import { say } from "./say.ts";

/** The limit, and the words of the message. */
export interface WithinOptions {
  /** Milliseconds that it has. */
  readonly ms: number;
  /** The action, as a message names it, such as `load "app.ts"`. */
  readonly action: string;
  /** The subject of a message, such as `its import`. */
  readonly subject: string;
  /** Whether messages are JSON. */
  readonly json: boolean;
  /** The process or thread that does it, where there are several. */
  readonly unit?: string | undefined;
}

/**
 * Runs `body` and keeps the process alive until it settles or its time is over. Where the process is ended meanwhile, by
 * `process.exit` or `Deno.exit` in the application, that is told.
 * @throws {LoadError} If it does not settle in time.
 */
export async function within<T>(body: () => Promise<T>, options: WithinOptions): Promise<T> {
  const { ms, action, subject, json, unit } = options;
  const tell = (by: string, code: number) =>
    say(`Cannot ${action}: it called ${by}.exit(${code}), and nothing is served`, {
      json,
      event: "load",
      code,
      unit,
    });
  const told = (code: number) => {
    restore();
    tell("process", code);
  };
  const restore = watchDenoExit((code) => tell("Deno", code));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new LoadError(
          `Cannot ${action}: ${subject} has not settled in ${durationText(ms)}, see --start-within`,
        ),
      );
    }, ms);
  });
  process.on("exit", told);
  try {
    return await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
    process.off("exit", told);
    restore();
  }
}

/** Has `tell` hear of a call of `Deno.exit`, of which the process emits no "exit"; returns the undo. */
function watchDenoExit(tell: (code: number) => void): () => void {
  const { Deno } = globalThis as { readonly Deno?: { exit(code?: number): never } };
  if (Deno === undefined) return () => {};
  const { exit } = Deno;
  Deno.exit = (code) => {
    Deno.exit = exit;
    tell(code ?? Number(process.exitCode ?? 0));
    return exit(code);
  };
  return () => void (Deno.exit = exit);
}
