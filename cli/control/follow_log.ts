/**
 * `sitebus ctl … log`: prints the log of a process from now on.
 * @module
 */
import process from "node:process";
import { textLine } from "../../components/log/text_line.ts";
import { DONE } from "./exit_codes.ts";
import { readRecord } from "./perform.ts";
import { ANSWER_MS } from "./read_status.ts";
import { follow } from "./wire.ts";

/** Prints until the process ends, or this one is ended. Resolves to the exit code. */
export async function followLog(
  path: string,
  { level, json }: { readonly level: string; readonly json: boolean },
): Promise<number> {
  // Whoever reads the output may have seen enough, as "head" does. Deno's `console.log` would not tell.
  process.stdout.on("error", () => process.exit(DONE));
  const stream = await follow(path, { route: `/events?level=${level}`, within: ANSWER_MS }, (event) => {
    if (json) return void process.stdout.write(`${event.data.trim()}\n`);
    const record = readRecord(event);
    if (!record) return;
    const line = textLine(record) ??
      (level === "debug" || record.event === "state" ? `${record.bus}: ${record.message}` : undefined);
    if (line !== undefined) process.stdout.write(`${line.trimEnd()}\n`);
  });
  await stream.ended;
  return DONE;
}
