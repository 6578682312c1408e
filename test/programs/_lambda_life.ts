/**
 * The bus of programs that are functions of AWS Lambda. The environment variable LAMBDA_TEST, or another one, has their options
 * as JSON. They print their warnings and errors as JSON.
 * @module
 */
import process from "node:process";
import { threadId } from "node:worker_threads";
import { ProcessBus } from "../../mod.ts";
import type { AwsLambdaOptions } from "../../platforms/lambda.ts";
import type {
  InvocationContext,
  ServerlessChannels,
  ServerlessPlatform,
} from "../../platforms/serverless.ts";
import { print } from "./_print.ts";

/** The options of a program. */
export interface Life {
  /** The options of the platform. */
  readonly options?: AwsLambdaOptions;
  /** The times of the start, the stop and the flush, in milliseconds. */
  readonly startMs?: number;
  readonly stopMs?: number;
  readonly flushMs?: number;
  /** Whether the stop blocks the thread for a second. */
  readonly blocksStop?: boolean;
  /** Whether the program listens for the exit of the process. */
  readonly listensToExit?: boolean;
  /** How many bytes the program writes to the standard output before its last line. */
  readonly lastBytes?: number;
  /** How many starts fail. */
  readonly failing?: number;
  /** How many starts take `startMs`. Default all. */
  readonly slow?: number;
  /** Whether the program makes its function on the first invocation. */
  readonly lazy?: boolean;
  /** Whether the responses are streams. */
  readonly streams?: boolean;
}

/** The options of an invocation. */
export interface LifeEvent {
  /** Milliseconds until the response. */
  readonly sleepMs?: number;
  /** The text to print at the beginning. */
  readonly says?: string;
  /** The time of a timer that fires after the response, in milliseconds. */
  readonly timerMs?: number;
  /** The message of the error to throw. */
  readonly error?: string;
  /** The name of that error; null for an error without a name. */
  readonly errorName?: string | null;
  /** Milliseconds of work after the response. */
  readonly workMs?: number;
  /** The exit code with which the invocation exits the bus. */
  readonly exit?: number;
  /** Whether the invocation waits until its signal is aborted. */
  readonly waits?: boolean;
}

/** The response. */
export interface LifeAnswer {
  readonly starts: number;
  readonly thread: number;
  readonly pid: number;
  readonly thaws: readonly number[];
  readonly left: number;
}

/** Makes the bus, and the body of its invocations. */
export function lifeOf(
  platform: (options?: AwsLambdaOptions) => ServerlessPlatform,
  variable = "LAMBDA_TEST",
): {
  readonly bus: ProcessBus<ServerlessChannels>;
  readonly settings: Life;
  readonly answer: (event: LifeEvent, context: unknown, invocation: InvocationContext) => Promise<LifeAnswer>;
} {
  const settings = JSON.parse(process.env[variable] ?? "{}") as Life;
  const { startMs = 0, stopMs = 0, flushMs = 0, failing = 0, slow = Infinity } = settings;
  const bus = new ProcessBus<ServerlessChannels>({ platform: platform(settings.options) });
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const thaws: number[] = [];
  let starts = 0;
  bus.use({
    name: "db",
    async start() {
      starts++;
      print(`start ${starts}`);
      if (starts <= slow) await sleep(startMs);
      if (starts <= failing) throw new Error(`no database, try ${starts}`);
      return "connection";
    },
    async stop() {
      if (settings.blocksStop) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      await sleep(stopMs);
      print(`db is closed in thread ${threadId}`);
    },
  });
  bus.subscribe("thaw", (gapMs) => void thaws.push(Math.round(gapMs)));
  bus.subscribe("flush", async () => {
    await sleep(flushMs);
    print("flushed");
  });
  bus.subscribe("signal", ({ name }) => print(`told of ${name}`));
  bus.subscribe("stop", ({ reason }) => print(`stops by ${reason.by} ${reason.name}`));
  bus.subscribe("log", ({ level, event, listener, channel, kind, error }) => {
    if (level !== "warn" && level !== "error") return;
    print(`log ${JSON.stringify({ level, event, listener, channel, kind, error: String(error) })}`);
  });
  bus.subscribe("exited", () => print("exited"));
  const { lastBytes } = settings;
  if (lastBytes !== undefined) {
    bus.subscribe("exited", () => {
      process.stdout.write(`${"x".repeat(lastBytes)}\n`);
      process.stdout.write(`the last line of thread ${threadId}\n`);
    });
  }
  if (settings.listensToExit) process.on("exit", (code) => print(`the process exits with ${code}`));
  return {
    bus,
    settings,
    async answer({ sleepMs, says, timerMs, workMs, error, errorName, exit, waits }, _, invocation) {
      if (says !== undefined) print(says);
      if (timerMs !== undefined) setTimeout(() => print("the timer has fired"), timerMs);
      if (workMs !== undefined) invocation.waitUntil(sleep(workMs).then(() => print("the work is done")));
      if (exit !== undefined) void bus.exit(exit);
      if (sleepMs !== undefined) await sleep(sleepMs);
      if (waits) await new Promise((resolve) => invocation.signal.addEventListener("abort", resolve));
      if (error !== undefined) throw errorOf(error, errorName);
      const left = Math.round(invocation.left());
      return { starts, thread: threadId, pid: process.pid, thaws: [...thaws], left };
    },
  };
}

/** Makes an error with the name; without a name if it is null. */
export function errorOf(message: string, name: string | null = "Error"): Error {
  return Object.assign(new Error(message), { name: name ?? undefined });
}
