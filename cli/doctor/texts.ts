/**
 * Reads what the files of other tools say.
 * @module
 */

/** Reads a file of the folder; undefined where it is not there. */
export type ReadText = (path: string) => string | undefined;

const MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** Reads "10s", "1m30s" and "1min 30s", in milliseconds; a bare number is of seconds. Undefined where it is no time. */
export function durationMs(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (text === "infinity") return Infinity;
  let ms = 0;
  let rest = text.trim();
  while (rest !== "") {
    const [all, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]+)\s*/.exec(rest) ?? [];
    const factor = MS[unit];
    if (all === undefined || factor === undefined) return undefined;
    ms += Number(number) * factor;
    rest = rest.slice(all.length);
  }
  return ms > 0 ? ms : undefined;
}
