/**
 * `sitebus ctl`: asks a process, or has it do something.
 * @module
 */
import process from "node:process";
import { COMMAND_FLAGS } from "./command_flags.ts";
import { DONE, NOBODY, SILENT, UNDONE } from "./control/exit_codes.ts";
import { chosen, findSockets, type Found, removeStale } from "./control/find.ts";
import { ANSWER_MS, readStatus } from "./control/read_status.ts";
import { type Verb, type VerbName, verbOf, VERBS } from "./control/verbs.ts";
import { ask, NoAnswer } from "./control/wire.ts";
import { UsageError } from "./usage_error.ts";
import { type Flags, type Parsed, parseWords } from "./words.ts";
import { isAlive } from "./control/is_alive.ts";

const FLAGS: Flags = COMMAND_FLAGS.ctl;

/**
 * Runs the command by its words, and sets the exit code. `cli/fleet.ts` is what `--fleet` runs.
 * @throws {UsageError} If they cannot be understood.
 */
export async function runCtl(words: readonly string[]): Promise<void> {
  const { positional, given } = parseWords(words, FLAGS);
  const [target, word = "status", argument, ...more] = positional;
  if (target === undefined) {
    throw new UsageError('The process is missing: expected its name or pid, see "sitebus ps"');
  }
  const verb = verbOf(word);
  const { action, argument: expected }: Verb = VERBS[verb];
  if (more.length > 0 || argument !== undefined && expected === undefined) {
    throw new UsageError(`ctl has an argument "${more[0] ?? argument}" too many`);
  }
  if (expected !== undefined && argument === undefined) {
    throw new UsageError(`${verb} has no ${expected}: expected "${verb} ${expected}"`);
  }
  // Wrong words are refused before a process is asked.
  checkLevel(given.get("--level"));
  const request = action?.(argument ?? "", given);
  const json = given.has("--json");
  const found = await choose(target, json);
  if (!found) return;
  try {
    if (request) {
      const { perform } = await import("./control/perform.ts");
      process.exitCode = await perform({ found, verb, action: request, json });
    } else process.exitCode = await read(found, verb, { given, json });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    await fail(unanswered(found, target, error), json);
  }
}

const LEVELS: readonly string[] = COMMAND_FLAGS.ctl["--level"].offers;

function checkLevel(level = "info"): void {
  if (LEVELS.includes(level)) return;
  throw new UsageError(`--level is "${level}": expected one of ${LEVELS.join(", ")}`);
}

/** Chooses the one process that is meant; undefined where that was told to be impossible. */
async function choose(target: string, json: boolean): Promise<Found | undefined> {
  const found = chosen(findSockets(), target);
  const [first, second] = found;
  if (first && !second) return first;
  // Of several, those that do not listen are of processes that were killed.
  const asked = await Promise.all(found.map(async (one) => {
    const error = await readStatus(one.path).then(() => undefined, (error: unknown) => error);
    return removeStale(one, error) ? [] : [one];
  }));
  const living = asked.flat();
  if (living.length === 1) return living[0];
  if (living.length === 0) await fail(nobody(target), json);
  else {
    const pids = living.map(({ pid }) => pid).join(", ");
    await fail(
      { code: UNDONE, message: `"${target}" is the name of several processes: give one of ${pids}` },
      json,
    );
  }
  return undefined;
}

interface Failure {
  readonly code: number;
  readonly message: string;
}

function nobody(target: string): Failure {
  const lives = /^[1-9]\d*$/.test(target) && isAlive(Number(target));
  const why = lives
    ? `Process ${target} lives, and has no open control socket of this user`
    : `There is no process "${target}" with an open control socket of this user`;
  return { code: NOBODY, message: `${why} (see sitebus ps)` };
}

function unanswered(found: Found, target: string, error: NoAnswer): Failure {
  if (removeStale(found, error)) return nobody(target);
  const who = `"${found.name}", process ${found.pid},`;
  if (error.kind === "denied") {
    return { code: UNDONE, message: `${who} is of another user: its socket is not open to you` };
  }
  if (error.kind === "cut") return { code: UNDONE, message: `${who} has ended before it answered` };
  return { code: SILENT, message: `${who} lives, and has not answered in ${ANSWER_MS / 1000} s` };
}

async function fail({ code, message }: Failure, json: boolean): Promise<void> {
  const { say } = await import("./say.ts");
  say(message, { json, event: "ctl", code });
  process.exitCode = code;
}

async function read(
  { path }: Found,
  verb: VerbName,
  { given, json }: { readonly given: Parsed["given"]; readonly json: boolean },
): Promise<number> {
  const get = async (route: string) => {
    const { status, body } = await ask(path, { route, within: ANSWER_MS });
    if (status !== 200) throw new NoAnswer("cut");
    return body;
  };
  switch (verb) {
    case "log": {
      const { followLog } = await import("./control/follow_log.ts");
      return await followLog(path, { level: given.get("--level") ?? "info", json });
    }
    case "inspect":
      console.log(JSON.stringify(await get("/inspect"), undefined, json ? undefined : 2));
      return DONE;
    case "timeline": {
      const timelines = await get("/timeline");
      const { timelineText } = await import("./control/timeline_text.ts");
      const { columns } = process.stdout as { readonly columns?: number };
      console.log(json ? JSON.stringify(timelines) : timelineText(Object(timelines), columns));
      return DONE;
    }
    case "page":
      return await page(path, json);
    default: {
      const status = await readStatus(path);
      if (json) console.log(JSON.stringify(status));
      else {
        const { statusText } = await import("./control/status_text.ts");
        console.log(statusText(status));
      }
      return DONE;
    }
  }
}

async function page(path: string, json: boolean): Promise<number> {
  const { status, body } = await ask(path, { route: "/page", within: ANSWER_MS });
  const { url } = Object(body) as { url?: unknown };
  if (status !== 200 || typeof url !== "string") {
    await fail(
      { code: UNDONE, message: "There is no status page on a port: serve with --status-port" },
      json,
    );
    return UNDONE;
  }
  console.log(json ? JSON.stringify({ url }) : url);
  return DONE;
}
