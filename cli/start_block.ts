/**
 * The start block: version and runtime, module and address, and how to stop it, in three lines.
 * @module
 */
import type { LogRecord } from "../mod.ts";
import { oneLine } from "../components/log/plain_text.ts";

/** The lines of a record of the event `serving`; undefined for any other. */
export function startBlock(
  { event, version, runtime, pid, module, url, healthUrl, workers, kind }: LogRecord,
): string | undefined {
  if (event !== "serving") return undefined;
  const health = healthUrl === undefined ? "" : `, its health at ${healthUrl}`;
  const by = typeof workers === "number" ? `, by ${workersText(workers, kind)}` : "";
  return [
    `sitebus ${version} on ${runtime}, process ${pid}`,
    `${module} at ${url}${by}${health}`,
    "Ctrl-C stops it",
  ].map((line) => `sitebus:   ${oneLine(line)}\n`).join("");
}

function workersText(count: number, kind: unknown): string {
  const [one, many] = kind === "thread" ? ["thread", "threads"] : ["process", "processes"];
  return `${count} ${count === 1 ? one : many}`;
}
