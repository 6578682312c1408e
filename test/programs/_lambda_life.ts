/**
 * The bus of the programs that are functions of AWS Lambda. They do what the variable LAMBDA_TEST, or another one, says in
 * JSON, and print their warnings and errors as data.
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

/** What a program is told to do. */
export interface Life {
  /** The options of its platform. */
  readonly options?: AwsLambdaOptions;
  /** Milliseconds that its start, its stop and its flush take. */
  readonly startMs?: number;
  readonly stopMs?: number;
  readonly flushMs?: number;
  /** Whether its stop keeps the thread busy, for a second. */
  readonly blocksStop?: boolean;
  /** Whether it listens to the exit of the process. */
  readonly listensToExit?: boolean;
  /** How many bytes it writes to the standard output before its last line. */
  readonly lastBytes?: number;
  /** How many of its starts fail. */
  readonly failing?: number;
  /** How many of its starts take `startMs`. Default all. */
  readonly slow?: number;
  /** Whether it makes its function on the first invocation. */
  readonly lazy?: boolean;
  /** Whether its answers are streams. */
  readonly streams?: boolean;
}

/** What an invocation is told to do. */
export interface LifeEvent {
  /** Milliseconds until it answers. */
  readonly sleepMs?: number;
  /** What it prints when it begins. */
  readonly says?: string;
  /** A timer that outlives the answer. */
  readonly timerMs?: number;
  /** The message of the error that it throws. */
  readonly error?: string;
  /** The name of that error; null for an error without a name. */
  readonly errorName?: string | null;
  /** Milliseconds of its work after the body. */
  readonly workMs?: number;
  /** The code that it exits its bus with. */
  readonly exit?: number;
  /** Whether it waits until its signal aborts. */
  readonly waits?: boolean;
}

/** What it answers. */
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

/** An error with a name, or one without where that is null. */
export function errorOf(message: string, name: string | null = "Error"): Error {
  return Object.assign(new Error(message), { name: name ?? undefined });
}
