/**
 * What the bench found, as text that reads the same on a terminal and as Markdown.
 * @module
 */

/** One figure: what it is, a table, and what has to hold. */
export interface Figure {
  readonly title: string;
  /** How it was measured, and what to know of it. */
  readonly says: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly limits: readonly Limit[];
}

/** Something that has to hold. */
export interface Limit {
  readonly name: string;
  readonly found: number;
  readonly atMost: number;
  readonly unit: string;
}

/** Whether it holds. */
export function holds({ found, atMost }: Limit): boolean {
  return found <= atMost;
}

/** A number with as many digits as say something. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** A value over another, as `×1.25`; "-" where there is none, or it is nothing. */
export function ratio(value: number, base: number | undefined): string {
  return base === undefined || base <= 0 ? "-" : `×${(value / base).toFixed(2)}`;
}

/** The figure as Markdown. */
export function markdown({ title, says, columns, rows, limits }: Figure): string {
  return [`## ${title}`, "", says, "", table(columns, rows), "", ...limits.map(limitLine), ""].join("\n");
}

function limitLine(limit: Limit): string {
  const { name, found, atMost, unit } = limit;
  const verdict = holds(limit) ? "holds" : "MISSED";
  return `- ${verdict}: ${name}: ${[digits(found), unit].join(" ").trim()}, at most ${atMost}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((name, index) =>
    Math.max(3, name.length, ...rows.map((row) => row[index]?.length ?? 0))
  );
  // Words to the left, and numbers to the right.
  const isText = columns.map((_, index) => rows.some((row) => /^[a-z{]/i.test(row[index] ?? "")));
  const line = (cells: readonly string[]) => {
    const padded = widths.map((width, index) =>
      isText[index] ? (cells[index] ?? "").padEnd(width) : (cells[index] ?? "").padStart(width)
    );
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, index) => isText[index] ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  return [line(columns), line(rule), ...rows.map(line)].join("\n");
}
