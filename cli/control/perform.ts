/**
 * Asks a process to do something, and prints what its bus says until that is done.
 * @module
 */
import process from "node:process";
import { clearInterval, setInterval, setTimeout } from "node:timers";
import { textLine } from "../../components/log/text_line.ts";
import type { LogRecord } from "../../src/records.ts";
import { DONE, SILENT, UNDONE } from "./exit_codes.ts";
import { chosen, findSockets, type Found } from "./find.ts";
import { ANSWER_MS, readStatus } from "./read_status.ts";
import { pendingLine } from "./status_text.ts";
import { timeText } from "./texts.ts";
import type { Action } from "./verbs.ts";
import { ask, follow, NoAnswer, type StreamEvent } from "./wire.ts";
import { isAlive } from "./is_alive.ts";

/** A request, and the process that it goes to. */
export interface PerformOptions {
  readonly found: Found;
  /** The name of the verb. */
  readonly verb: string;
  readonly action: Action;
  /** Whether records and the result are JSON, one object a line. */
  readonly json: boolean;
  /** Milliseconds that the process may take to answer when it is asked for its status. */
  readonly within?: number;
}

/** How it came out. */
interface Outcome {
  readonly code: number;
  readonly ok: boolean;
  readonly error?: string;
}

/** How often it is looked whether the process still answers, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** After how many looks it is told what is waited for: then twice as many, and so on. */
const FIRST_TOLD = 2;

/** How long a successor may take to be ready, and a process to be gone, in milliseconds. */
const SUCCESSOR_MS = 60_000;
const GONE_MS = 10_000;

/** How long records are read after the answer, in milliseconds. */
const LAST_WORDS_MS = 25;

/** Does it. Resolves to the exit code. */
export async function perform(options: PerformOptions): Promise<number> {
  const { found, verb, json, within = ANSWER_MS } = options;
  const began = performance.now();
  // The action goes on when nobody reads the output any more, and the exit code tells its outcome.
  process.stdout.on("error", () => {});
  const before = await readStatus(found.path, within);
  const known = new Set(findSockets().map(({ path }) => path));
  let exitCode: number | undefined;
  const stream = await follow(found.path, { route: "/events?level=debug", within }, (event) => {
    const record = readRecord(event);
    if (record?.event === "exit") exitCode = Number(record["code"]);
    print(event, record, json);
  });
  const giveUp = new AbortController();
  const outcome = await Promise.race([asked(options, giveUp.signal), watched(options, stream.ended)]);
  giveUp.abort();
  const ends = verb === "exit" || verb === "restart";
  // Log lines from before the answer may be read after it, since they come by another connection.
  await (ends && outcome.code === DONE ? Promise.race([stream.ended, idle(GONE_MS)]) : nap(LAST_WORDS_MS));
  stream.close();
  const last = !ends || outcome.code !== DONE
    ? outcome
    : exitCode !== undefined && exitCode !== 0
    ? failed(`it has ended with the exit code ${exitCode}`)
    : verb === "exit"
    ? await gone(before.pid)
    : await succeeded(found, { known, began });
  tell(options, last, performance.now() - began);
  return last.code;
}

async function asked({ found, action }: PerformOptions, signal: AbortSignal): Promise<Outcome> {
  try {
    const { body } = await ask(found.path, { ...action, signal });
    const { ok, error } = Object(body) as { ok?: unknown; error?: unknown };
    return ok === true ? { code: DONE, ok } : failed(String(error ?? "it gave no reason"));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    // The end of the process may come before its answer.
    const ends = action.body["goal"] === "exit" || action.body["goal"] === "restart";
    return ends ? { code: DONE, ok: true } : failed("it has ended before this was done");
  }
}

/** Looks whether the process still answers, and tells what it waits for. Never resolves while all is well. */
function watched({ found, json, within }: PerformOptions, ended: Promise<void>): Promise<Outcome> {
  return new Promise((resolve) => {
    let looks = 0;
    let next = FIRST_TOLD;
    let looking = false;
    const timer = setInterval(async () => {
      if (looking) return;
      looking = true;
      try {
        const { pending } = await readStatus(found.path, within);
        if (++looks === next && !json) {
          next *= 2;
          for (const call of pending) console.log(`  waits for${pendingLine(call).replace(/^ /, "")}`);
        }
      } catch (error) {
        if (error instanceof NoAnswer && error.kind === "silent") {
          resolve({ code: SILENT, ok: false, error: "it does not answer any more" });
        }
      } finally {
        looking = false;
      }
    }, LOOK_EVERY_MS);
    timer.unref();
    void ended.then(() => clearInterval(timer));
  });
}

/** Waits until the process is gone, so that whoever comes next can have its port. */
async function gone(pid: number): Promise<Outcome> {
  const until = performance.now() + GONE_MS;
  while (performance.now() < until && isAlive(pid)) await nap(20);
  return { code: DONE, ok: true };
}

/** Waits for the process that comes after this one: another socket of this name, or a younger process on the same one. */
async function succeeded(
  found: Found,
  { known, began }: { readonly known: ReadonlySet<string>; readonly began: number },
): Promise<Outcome> {
  const until = performance.now() + SUCCESSOR_MS;
  while (performance.now() < until) {
    const others = chosen(findSockets(), found.name).filter(({ path }) =>
      path === found.path || !known.has(path)
    );
    for (const { path } of others) {
      const status = await readStatus(path).catch(() => undefined);
      const isNew = status !== undefined && status.uptimeMs < performance.now() - began;
      if (isNew && status.state === "run" && status.settled) return { code: DONE, ok: true };
    }
    await nap(100);
  }
  return failed(`no successor has been ready in ${timeText(SUCCESSOR_MS)}`);
}

function failed(error: string): Outcome {
  return { code: UNDONE, ok: false, error };
}

function nap(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

/** Keeps this process not alive. */
function idle(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

/** The record of an event; undefined where it is none. */
export function readRecord({ data }: StreamEvent): LogRecord | undefined {
  try {
    const { time, ...rest } = JSON.parse(data) as Omit<LogRecord, "time"> & { readonly time: string };
    return typeof rest.message === "string" ? { ...rest, time: Date.parse(time) } as LogRecord : undefined;
  } catch {
    return undefined;
  }
}

function print({ data }: StreamEvent, record: LogRecord | undefined, json: boolean): void {
  if (json) console.log(data.trim());
  else if (record) {
    const line = lineOf(record);
    if (line !== undefined) console.log(line.trimEnd());
  }
}

/** The records of this command itself, and what only programs want to know, are not shown. */
function lineOf(record: LogRecord): string | undefined {
  const { event, state, bus, level, status } = record;
  if (event === "control" || event === "settled" || event === "signal") return undefined;
  if (event === "state") return `${bus}: ${state}`;
  if (event === "component" && level === "debug") {
    return /ing$/.test(String(status)) ? undefined : textLine(record);
  }
  return level === "debug" ? undefined : textLine(record);
}

function tell({ found: { name, pid }, verb, json }: PerformOptions, outcome: Outcome, ms: number): void {
  const { ok, error } = outcome;
  if (json) {
    console.log(
      JSON.stringify({ event: "result", ok, ...error !== undefined && { error }, ms: Math.round(ms) }),
    );
  } else if (ok) console.log(`${name}: ${verb} done in ${timeText(ms)}`);
  else console.error(`sitebus: "${name}", process ${pid}, did not ${verb}: ${error}`);
}
