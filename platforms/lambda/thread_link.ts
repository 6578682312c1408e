/**
 * The threads of a process of Lambda Managed Instances: the official client runs the function in several threads. SIGTERM
 * comes to the main thread alone, which passes it on.
 * @module
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-nodejs-runtime.html
 */
import type { Control, Outcome } from "../../src/platform.ts";
import { flushOutput } from "../process/flush_output.ts";
import type { ProcessLike } from "../process/process_like.ts";
import type { ServerlessRecord } from "../serverless/log_event.ts";

/** The messages between the threads; every message goes to all threads. */
export type ThreadMessage =
  | { readonly sitebus: "joined"; readonly thread: number }
  | { readonly sitebus: "left"; readonly thread: number; readonly code: number }
  | { readonly sitebus: "exit"; readonly name: string; readonly number?: number; readonly leftMs: number };

/** The way to the other threads. */
export interface ThreadChannel {
  /** Sends to all other threads. */
  postMessage(message: ThreadMessage): void;
  /** Takes what other threads send. */
  onmessage: ((event: { readonly data: ThreadMessage }) => void) | null;
  /** From now on the channel does not keep the thread alive. */
  unref(): void;
  /** Takes no more messages. */
  close(): void;
}

/** The members of `node:worker_threads` that are used here. */
export interface ThreadsLike {
  readonly isMainThread: boolean;
  readonly threadId: number;
  readonly BroadcastChannel: new (name: string) => ThreadChannel;
  getEnvironmentData(key: string): unknown;
  setEnvironmentData(key: string, value: unknown): void;
}

/** The name of the channel, and of the environment data that tells the threads that the main thread listens. */
export const THREADS_NAME = "sitebus.lambda";

/** Milliseconds that the main thread may take for the output of this thread, if no time is left. */
const FLUSH_MS = 10;

/** The runtime's module of threads. */
export function threadsOf(process: ProcessLike): ThreadsLike {
  return process.getBuiltinModule("node:worker_threads") as ThreadsLike;
}

/** The bus of one thread, as its main thread sees it. */
export interface ThreadLink {
  /** Tells the main thread that the bus has left, after the output of this thread. */
  leave(outcome: Outcome): void;
}

/** Lets the main thread ask the bus of this thread to exit. */
export function joinMainThread(process: ProcessLike, control: Control): ThreadLink {
  const threads = threadsOf(process);
  if (threads.getEnvironmentData(THREADS_NAME) !== true) {
    const details = { event: "unsignaled", level: "warn" } satisfies ServerlessRecord;
    control.log(
      "SIGTERM will not come to this thread, so that nothing is stopped in order: " +
        "the main thread has not called lambdaMainThread(), see docs/lambda.md",
      details,
    );
    return { leave() {} };
  }
  const channel = new threads.BroadcastChannel(THREADS_NAME);
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
      void flushOutput(process, Math.max(FLUSH_MS, leftMs)).then(() => {
        channel.postMessage({ sitebus: "left", thread: threads.threadId, code });
        channel.close();
      });
    },
  };
}
