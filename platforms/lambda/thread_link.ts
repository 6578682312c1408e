/**
 * The threads of a process of Lambda Managed Instances: the official client runs the function in several, and SIGTERM
 * comes to the main one alone, which passes it on.
 * @module
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-nodejs-runtime.html
 */
import type { Control, Outcome } from "../../src/platform.ts";
import { flushOutput } from "../process/flush_output.ts";
import type { ProcessLike } from "../process/process_like.ts";

/** What threads tell each other; all of them hear it. */
export type ThreadMessage =
  | { readonly sitebus: "joined"; readonly thread: number }
  | { readonly sitebus: "left"; readonly thread: number; readonly code: number }
  | { readonly sitebus: "exit"; readonly name: string; readonly number?: number; readonly leftMs: number };

/** The way to the other threads. */
export interface ThreadChannel {
  /** Tells all the others. */
  postMessage(message: ThreadMessage): void;
  /** Is told what they say. */
  onmessage: ((event: { readonly data: ThreadMessage }) => void) | null;
  /** Keeps nothing alive from now on. */
  unref(): void;
  /** Hears nothing more. */
  close(): void;
}

/** What is used of `node:worker_threads`. */
export interface ThreadsLike {
  readonly isMainThread: boolean;
  readonly threadId: number;
  readonly BroadcastChannel: new (name: string) => ThreadChannel;
  getEnvironmentData(key: string): unknown;
  setEnvironmentData(key: string, value: unknown): void;
}

/** The name of the channel, and of what tells the threads that the main one listens. */
export const threadsName = "sitebus.lambda";

// How long the main thread may take for what was written where no time is left, in milliseconds.
const flushMs = 10;

/** The runtime's threads. */
export function threadsOf(process: ProcessLike): ThreadsLike {
  return process.getBuiltinModule("node:worker_threads") as ThreadsLike;
}

/** The bus of one thread, as its main thread sees it. */
export interface ThreadLink {
  /** The bus has left; what the thread has written goes first. */
  leave(outcome: Outcome): void;
}

/** Lets the main thread say when the bus of this one exits. */
export function joinMainThread(process: ProcessLike, control: Control): ThreadLink {
  const threads = threadsOf(process);
  if (threads.getEnvironmentData(threadsName) !== true) {
    control.log(
      "SIGTERM will not come to this thread, so that nothing is stopped in order: " +
        "the main thread has not called lambdaMainThread(), see docs/lambda.md",
      { level: "warn" },
    );
    return { leave() {} };
  }
  const channel = new threads.BroadcastChannel(threadsName);
  channel.unref();
  channel.onmessage = ({ data }) => {
    if (data.sitebus !== "exit") return;
    const { name, number, leftMs } = data;
    const by = number === undefined ? { by: "host" } as const : { by: "signal", number } as const;
    control.request("exit", { ...by, name, leftMs });
  };
  channel.postMessage({ sitebus: "joined", thread: threads.threadId });
  return {
    leave({ code, leftMs }) {
      void flushOutput(process, Math.max(flushMs, leftMs)).then(() => {
        channel.postMessage({ sitebus: "left", thread: threads.threadId, code });
        channel.close();
      });
    },
  };
}
