/**
 * `sitebus ps`: lists the processes that can be asked.
 * @module
 */
import type { ControlStatus } from "../components/control.ts";
import { COMMAND_FLAGS } from "./command_flags.ts";
import { findSockets, type Found, removeStale } from "./control/find.ts";
import { readStatus } from "./control/read_status.ts";
import { memoryText, tableLines, timeText } from "./control/texts.ts";
import { NoAnswer } from "./control/wire.ts";
import { UsageError } from "./usage_error.ts";
import { parseWords } from "./words.ts";

/** How long each process may take to answer, in milliseconds. */
const WITHIN_MS = 2_000;

/** Runs the command by its words. @throws {UsageError} If they cannot be understood. */
export async function runPs(words: readonly string[]): Promise<void> {
  const { positional, given } = parseWords(words, COMMAND_FLAGS.ps);
  if (positional.length > 0) throw new UsageError(`ps has an argument "${positional[0]}": expected none`);
  await ps(given.has("--json"));
}

/** A process: its status, or why there is none. */
interface Listed {
  readonly found: Found;
  readonly status?: ControlStatus;
  readonly silent?: string;
}

async function ps(json: boolean): Promise<void> {
  const found = findSockets();
  const listed = (await Promise.all(found.map(look))).filter((one) => one !== undefined);
  if (json) {
    console.log(
      JSON.stringify(
        listed.map(({ found: { name, pid, path }, status, silent }) =>
          status ? { ...status, path } : { name, pid, path, state: silent }
        ),
      ),
    );
  } else if (listed.length === 0) console.log("no process of this user has an open control socket");
  else console.log(tableLines([HEAD, ...listed.map(row)]).join("\n"));
}

/** Undefined where the socket was stale. */
async function look(found: Found): Promise<Listed | undefined> {
  try {
    return { found, status: await readStatus(found.path, WITHIN_MS) };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    if (removeStale(found, error)) return undefined;
    return { found, silent: error.kind === "denied" ? "not allowed" : "no answer" };
  }
}

const HEAD = ["NAME", "PID", "STATE", "READY", "UP", "UNITS", "REQUESTS", "GENERATION", "MEMORY", "RUNTIME"];

function row({ found, status, silent }: Listed): string[] {
  if (!status) return [found.name, `${found.pid}`, silent ?? ""];
  const { name, pid, state, sinceMs, ready, uptimeMs, units, inFlight, generation, memory, runtime } = status;
  // In a container, a process has another number for itself.
  const shown = pid === found.pid ? `${pid}` : `${found.pid} (${pid})`;
  return [
    name,
    shown,
    state === "run" || state === "idle" ? state : `${state} for ${timeText(sinceMs)}`,
    ready ? "yes" : "no",
    timeText(uptimeMs),
    units.length === 0 ? "" : `${units.length}`,
    inFlight === undefined ? "" : `${inFlight}`,
    generation === 0 ? "" : `${generation}`,
    memory === undefined ? "" : memoryText(memory),
    runtime,
  ];
}
