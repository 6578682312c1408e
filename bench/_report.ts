/**
 * What the bench found, as text that reads the same on a terminal and as Markdown.
 * @module
 */

/** One figure: what it is, its tables, and what has to hold. */
export interface Figure {
  readonly title: string;
  /** How it was measured, and what to know of it. */
  readonly says: string;
  readonly tables: readonly Table[];
  readonly limits: readonly Limit[];
  /** A picture of it, for `docs/`. */
  readonly plot?: { readonly file: string; readonly svg: string };
}

/** A table of a figure. */
export interface Table {
  /** What is in it, where a figure has several. */
  readonly caption?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Something that has to hold: an upper bound, or a lower one. */
export interface Limit {
  readonly name: string;
  readonly found: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit: string;
}

/** Whether it holds; what was not measured does not. */
export function holds({ found, atMost = Infinity, atLeast = -Infinity }: Limit): boolean {
  return found <= atMost && found >= atLeast;
}

/** A number with as many digits as say something. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** A value over another, as `×1.25`; "-" where there is none, or it is nothing. */
export function ratio(value: number, base: number | undefined): string {
  if (base === undefined || base <= 0 || value < 0 || ![value, base].every(Number.isFinite)) return "-";
  return `×${(value / base).toFixed(value / base < 100 ? 2 : 0)}`;
}

/** The figure as Markdown. */
export function markdown({ title, says, tables, limits }: Figure): string {
  return [
    `## ${title}`,
    "",
    says,
    "",
    ...tables.flatMap((table) => [
      ...(table.caption === undefined ? [] : [`${table.caption}:`, ""]),
      markdownTable(table),
      "",
    ]),
    ...limits.map(limitLine),
    ...(limits.length === 0 ? [] : [""]),
  ].join("\n");
}

/** All limits in one table, the missed ones first. */
export function limitTable(figures: readonly Figure[]): string {
  const rows = figures.flatMap(({ title, limits }) =>
    limits.map((limit) => [title, limit.name, valueOf(limit), boundOf(limit), verdictOf(limit)])
  );
  const missedFirst = [...rows].sort((a, b) => Number(b[4] === "MISSED") - Number(a[4] === "MISSED"));
  return markdownTable({ columns: ["figure", "what", "found", "limit", "verdict"], rows: missedFirst });
}

function limitLine(limit: Limit): string {
  return `- ${verdictOf(limit)}: ${limit.name}: ${valueOf(limit)}, ${boundOf(limit)}`;
}

function verdictOf(limit: Limit): string {
  return holds(limit) ? "holds" : "MISSED";
}

function valueOf({ found, unit }: Limit): string {
  return [digits(found), unit].join(" ").trim();
}

function boundOf({ atMost, atLeast }: Limit): string {
  return atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
}

function markdownTable({ columns, rows }: Table): string {
  const widths = columns.map((name, index) =>
    Math.max(3, name.length, ...rows.map((row) => row[index]?.length ?? 0))
  );
  // Words to the left, and numbers to the right, also where one of them is a word.
  const isText = columns.map((_, index) =>
    index === 0 || !rows.some((row) => /^[-×\d]/.test(row[index] ?? ""))
  );
  const line = (cells: readonly string[]) => {
    const padded = widths.map((width, index) =>
      isText[index] ? (cells[index] ?? "").padEnd(width) : (cells[index] ?? "").padStart(width)
    );
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, index) => isText[index] ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  return [line(columns), line(rule), ...rows.map(line)].join("\n");
}
