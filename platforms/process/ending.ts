/**
 * The end of a process: by itself, so that no output is lost, and by force if the process still runs when time is up.
 * @module
 */
import { webClock } from "../../src/web_clock.ts";
import { flushOutput } from "./flush_output.ts";
import { openHandles } from "./open_handles.ts";
import { builtinModule, type ProcessLike } from "./process_like.ts";
import { setExitCode } from "./set_exit_code.ts";

/** The longest time that `setTimeout` takes, in milliseconds. */
const longest = 2 ** 31 - 1;

/**
 * Two times in milliseconds: the grace period before the process is ended by force if something in it cannot end, and the
 * pause between two checks whether its output is written.
 */
const [SOON_MS, LOOK_MS] = [100, 20];

/** How a process ends. */
export interface EndOptions {
  /** The exit code. */
  readonly code: number;
  /** Milliseconds until force is used. */
  readonly leftMs: number;
  /** The calls of the bus that have not settled. */
  readonly late?: readonly string[] | undefined;
  /** Names of things that keep the process alive and cannot end. If there are any, the process ends as soon as its output is written. */
  readonly left?: readonly string[];
  /** Called before force is used, with a message that says what keeps the process alive, and with the same as data. */
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

/**
 * Sets the exit code and lets the process end by itself. If the process still runs after `leftMs`, it is ended by force; the
 * timer for that does not keep it alive. Returns the undo of both.
 */
export function endSoon(process: ProcessLike, options: EndOptions): () => void {
  const { code, leftMs, late = [], left = [], warn } = options;
  const { setTimeout, clearTimeout } = builtinModule(process, "node:timers");
  const since = webClock.now();
  const undoCode = setExitCode(process, code);
  const force = () => {
    const ms = Math.round(webClock.now() - since);
    const runs = late.length > 0 ? [`${late.join(", ")} still runs`] : [];
    const reasons = [...runs, ...left, aliveBy(process)].join(", ");
    const details = { ms, ...late.length > 0 && { late }, ...left.length > 0 && { left } };
    warn(`The process is ended by force ${ms} ms after its bus: ${reasons}`, details);
    process.exit();
  };
  let timer: ReturnType<typeof setTimeout>;
  const arm = (ms: number) => {
    timer = setTimeout(look, Math.min(Math.max(ms, 0), longest));
    timer.unref();
  };
  const look = () => {
    const rest = leftMs - (webClock.now() - since);
    if (rest < 1 || unread(process) === 0) force();
    else arm(Math.min(LOOK_MS, rest));
  };
  // Bun does not report how much of its output is still pending.
  const isSoon = left.length > 0 && process.versions["bun"] === undefined;
  arm(isSoon ? Math.min(SOON_MS, leftMs) : leftMs);
  return () => {
    clearTimeout(timer as never);
    undoCode();
  };
}

/**
 * Ends a process that something else keeps alive, such as the server of a framework. The process ends one turn of the event
 * loop after its output is written, so that responses are sent. Returns the undo.
 */
export function endNow(
  process: ProcessLike,
  { code, leftMs }: Pick<EndOptions, "code" | "leftMs">,
): () => void {
  const undoCode = setExitCode(process, code);
  let undone = false;
  let undo = () => {
    undone = true;
  };
  void flushOutput(process, Math.max(leftMs, 0)).then(() => {
    if (!undone) undo = webClock.setTimer(0, () => process.exit(Number(process.exitCode)));
  });
  return () => {
    undo();
    undoCode();
  };
}

/** Says in words what keeps the process alive, as far as the runtime reports it. */
function aliveBy(process: ProcessLike): string {
  const bytes = unread(process);
  const parts = [...openHandles(process)];
  if (bytes > 0) parts.unshift(`${bytes} bytes of output that nobody reads`);
  return parts.length > 0
    ? `still open: ${parts.join(", ")}`
    : "this runtime does not tell what is still open";
}

/** Returns how many bytes of output are still pending. */
function unread({ stdout, stderr }: ProcessLike): number {
  return (stdout.writableLength || 0) + (stderr.writableLength || 0);
}
