/**
 * Texts of others made safe for one line of a log or a terminal.
 * @module
 */

// ECMA-48: control sequences, strings up to their terminator, and the other escape sequences.
// deno-lint-ignore no-control-regex -- these are the characters that are removed
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[@-Z\\-~]/g;

// deno-lint-ignore no-control-regex -- these are the characters that are removed
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** The text without escape sequences and control characters; tabs and line ends stay. */
export function plainText(text: string): string {
  return text.replace(SEQUENCES, "").replace(CONTROLS, "");
}

/** The text in one line, without anything that could steer a terminal. */
export function oneLine(text: string): string {
  return plainText(text).split(/\s*\n\s*/).join(" ");
}

/** A time that passes, such as "1.2 s" or "3 min 5 s". */
export function durationText(ms: number): string {
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor(ms / 1000) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A count with its noun: "1 request", "2 requests". */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** An error with its stack and its causes, as indented lines. */
export function stackLines(error: unknown): string {
  return stacks(error, new Set()).join("\n").trimEnd().split("\n").map((line) => `    ${line}\n`).join("");
}

function stacks(error: unknown, seen: Set<unknown>): string[] {
  try {
    seen.add(error);
    const { stack, cause, errors } = Object(error) as Record<string, unknown>;
    const others = [
      ...(cause === undefined ? [] : [["cause: ", cause]]),
      ...(Array.isArray(errors) ? errors.map((one: unknown) => ["error: ", one]) : []),
    ];
    return [
      plainText(typeof stack === "string" && stack !== "" ? stack : String(error)),
      ...others.filter(([, one]) => !seen.has(one)).flatMap(([kind, one]) => {
        const [first = "", ...rest] = stacks(one, seen);
        return [kind + first, ...rest];
      }),
    ];
  } catch {
    return ["an error that cannot be printed"];
  }
}
