/**
 * The end of a process: by itself, so that nothing that was written is lost, else by force.
 * @module
 */
import { builtinModule, type ProcessLike } from "./process_like.ts";

const longest = 2 ** 31 - 1;

/** How a process ends. */
export interface EndOptions {
  /** The exit code. */
  readonly code: number;
  /** Milliseconds until force is used. */
  readonly leftMs: number;
  /** Who of the bus was called and has not settled. */
  readonly late?: readonly string[] | undefined;
  /** Is told what keeps the process alive, before force is used. */
  readonly warn: (message: string) => void;
}

/**
 * Sets the exit code and lets the process end by itself, by force where it still runs after `leftMs`; the timer for
 * that keeps nothing alive. Returns the undo of the force.
 */
export function endSoon(process: ProcessLike, options: EndOptions): () => void {
  const { code, leftMs, late = [], warn } = options;
  const { setTimeout, clearTimeout } = builtinModule(process, "node:timers");
  process.exitCode = code;
  const force = () => {
    const runs = late.length > 0 ? `${late.join(", ")} still runs, ` : "";
    warn(`The process is ended by force ${Math.round(leftMs)} ms after its bus: ${runs}${aliveBy(process)}`);
    process.exit();
  };
  const timer = setTimeout(force, Math.min(Math.max(leftMs, 0), longest));
  timer.unref();
  return () => clearTimeout(timer as never);
}

/** What keeps the process alive, as far as the runtime tells. */
function aliveBy(process: ProcessLike): string {
  const unread = process.stdout.writableLength + process.stderr.writableLength;
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo?.() ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts].map(([name, count]) => `${count} ${name}`);
  if (unread > 0) parts.unshift(`${unread} bytes of output that nobody reads`);
  return parts.length > 0
    ? `still open: ${parts.join(", ")}`
    : "this runtime does not tell what is still open";
}
