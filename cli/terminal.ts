/**
 * The terminal that the standard error is, where it is one.
 * @module
 */
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";
import { isatty } from "node:tty";
import { type OtherOutput, watchOutput } from "./_other_output.ts";
import { writeError } from "./say.ts";

/** A terminal to write on. */
export interface Terminal {
  /** Whether colours may be used. */
  readonly colour: boolean;
  /** Its size now. */
  columns(): number;
  rows(): number;
  /** Writes at once. */
  write(text: string): void;
  /** Its clock, in milliseconds. A timer of it does not keep the process alive. */
  now(): number;
  setTimer(ms: number, fire: () => void): () => void;
  /** Tells before and after others write on it, and at the end of the process. Returns its undo. */
  watch(others: OtherOutput): () => void;
}

/** The facts that tell whether there is a terminal that can be drawn on. */
export interface TerminalFacts {
  /** Whether the standard error is a terminal. */
  readonly isTerminal: boolean;
  /** The variables `TERM` and `NO_COLOR`. */
  readonly term: string | undefined;
  readonly noColor: string | undefined;
}

/** Whether lines may be drawn again, and in colour. @see https://no-color.org */
export function drawingOn({ isTerminal, term, noColor }: TerminalFacts): { live: boolean; colour: boolean } {
  const live = isTerminal && term !== undefined && term !== "" && term !== "dumb";
  return { live, colour: live && !noColor };
}

/** The terminal of this process, where its standard error is one that can be drawn on. */
export function ownTerminal(): Terminal | undefined {
  const { live, colour } = drawingOn({
    isTerminal: isatty(2),
    term: variable("TERM"),
    noColor: variable("NO_COLOR"),
  });
  if (!live) return undefined;
  const { stdout, stderr } = process;
  return {
    colour,
    // A terminal that was told no size says 0.
    columns: () => stderr.columns || 80,
    rows: () => stderr.rows || 24,
    write: writeError,
    now: () => performance.now(),
    setTimer(ms, fire) {
      const timer = setTimeout(fire, ms).unref();
      return () => clearTimeout(timer);
    },
    watch(others) {
      const unwatch = watchOutput({ streams: isatty(1) ? [stdout, stderr] : [stderr], console }, others);
      process.on("exit", others.before);
      return () => {
        unwatch();
        process.off("exit", others.before);
      };
    },
  };
}

/** Deno may refuse to tell. */
function variable(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
