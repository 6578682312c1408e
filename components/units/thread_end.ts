/**
 * The real end of a thread. Deno tells of the end of a thread that was terminated although it goes on, where it is in synchronous
 * code; what the operating system lists is the truth.
 * @see https://github.com/denoland/deno/pull/35657
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import { ownDeno } from "../../platforms/process/deno_like.ts";

/** How long the operating system is asked for a thread that is said to be gone, and how often, in milliseconds. */
const LOOK_MS = 20;
const LOOKS = 50;

/** The callbacks; one of the two is called, once. */
export interface ThreadEndListener {
  /** It is really gone. */
  ended(code: number): void;
  /** It was ended by force, and goes on, or nobody knows. */
  lost(): void;
}

/** Watches a thread; returns a function that says that it is being terminated now. */
export function watchThreadEnd(worker: Worker, listener: ThreadEndListener): () => void {
  // The number is gone with the thread.
  const { threadId } = worker;
  let isTerminated = false;
  worker.on("exit", (code) => {
    if (ownDeno() === undefined) listener.ended(code);
    else look(code, 0);
  });
  const look = (code: number, looks: number) => {
    const lives = isListed(threadId);
    if (lives === undefined ? !isTerminated : !lives) listener.ended(code);
    else if (lives === undefined || looks === LOOKS) listener.lost();
    else setTimeout(look, LOOK_MS, code, looks + 1);
  };
  return () => {
    isTerminated = true;
  };
}

/** Whether the operating system lists the thread of a worker of Deno; undefined where it does not tell. */
function isListed(threadId: number): boolean | undefined {
  try {
    return readdirSync("/proc/self/task").some((task) => nameOf(task) === `worker-${threadId}`);
  } catch {
    return undefined;
  }
}

function nameOf(task: string): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${task}/comm`, "utf8").trim();
  } catch {
    // It has just ended.
    return undefined;
  }
}
