/**
 * The pieces of which the pages of `ps` and `ctl` are made. Everything that a process tells is made safe for a terminal.
 * @module
 */
import { durationText, oneLine } from "../../components/log/plain_text.ts";

/** A size in memory, such as "85 MB". */
export function memoryText(bytes: number): string {
  const mb = bytes / 1_048_576;
  return mb < 1024 ? `${Math.round(mb)} MB` : `${(mb / 1024).toFixed(1)} GB`;
}

/** A time that has passed, such as "12 ms", "3.2 s" or "2 d 4 h". */
export function timeText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const hours = Math.floor(ms / 3_600_000);
  return hours < 48 ? durationText(ms) : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Rows in columns, each as wide as its longest cell; columns that are empty in every row are left out. */
export function tableLines(rows: readonly (readonly string[])[], gap = 2): string[] {
  const clean = rows.map((row) => row.map(oneLine));
  const [head = []] = clean;
  const kept = head.map((_, at) => clean.slice(1).some((row) => row[at] !== "" && row[at] !== undefined));
  const widths = head.map((_, at) => Math.max(...clean.map((row) => row[at]?.length ?? 0)));
  return clean.map((row) =>
    row.flatMap((cell, at) => kept[at] ? [cell.padEnd(widths[at]! + gap)] : []).join("").trimEnd()
  );
}
