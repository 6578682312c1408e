/**
 * `sitebus ctl … log`: prints the log of a process from now on.
 * @module
 */
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
  const stream = await follow(path, { route: `/events?level=${level}`, within: ANSWER_MS }, (event) => {
    if (json) return console.log(event.data.trim());
    const record = readRecord(event);
    if (!record) return;
    const line = textLine(record) ??
      (level === "debug" || record.event === "state" ? `${record.bus}: ${record.message}` : undefined);
    if (line !== undefined) console.log(line.trimEnd());
  });
  await stream.ended;
  return DONE;
}
