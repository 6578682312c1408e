/**
 * The last start and the last stop of a process as a page for a terminal.
 * @module
 */
import type { Timeline, Timelines } from "../../components/control.ts";
import { oneLine } from "../../components/log/plain_text.ts";
import { timeText } from "./texts.ts";

/** The page, without its last line end; `columns` of the terminal. Default 80. */
export function timelineText({ start, stop }: Timelines, columns = 80): string {
  const pages = [
    ...start ? [linesOf("last start", start, columns)] : [],
    ...stop ? [linesOf("last stop", stop, columns)] : [],
  ];
  if (pages.length === 0) return "It has neither started nor stopped since its control was opened.";
  return [...pages.flatMap((page) => [...page, ""]), "* the critical path"].join("\n");
}

function linesOf(title: string, timeline: Timeline, columns: number): string[] {
  const { at, ms, spans, critical } = timeline;
  const end = ms ?? Math.max(1, Date.now() - at);
  const names = Math.max(4, ...spans.map(({ name, state }) => `${oneLine(name)} ${state}`.length));
  const space = Math.max(10, columns - names - 24);
  const took = ms === undefined ? `under way for ${timeText(end)}` : timeText(ms);
  const rows = spans.map(({ name, state, from, ms: own, status }) => {
    const long = own ?? end - from;
    const begin = Math.min(space - 1, Math.floor(from / end * space));
    const length = Math.max(1, Math.min(space - begin, Math.round(long / end * space)));
    const mark = critical.includes(name) ? "*" : " ";
    const label = `${oneLine(name)} ${state}`.padEnd(names);
    const bar = `${" ".repeat(begin)}${"█".repeat(length)}`.padEnd(space);
    const note = status === "done" ? "" : ` ${status}`;
    return `${mark} ${label} ${timeText(long).padStart(9)}  ${bar}${note}`.trimEnd();
  });
  return [`${title}, ${new Date(at).toISOString()}: ${took}`, ...rows];
}
