/**
 * Writes the results of the bench as text for a terminal, which is also Markdown.
 * @module
 */

/** One figure: its description, its tables, and its limits. */
export interface Figure {
  readonly title: string;
  /** How the figure was measured, and how to read it. */
  readonly says: string;
  readonly tables: readonly Table[];
  readonly limits: readonly Limit[];
  /** A plot of the figure, for `docs/`. */
  readonly plot?: { readonly file: string; readonly svg: string };
}

/** A table of a figure. */
export interface Table {
  /** The title of the table, if the figure has several. */
  readonly caption?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** An upper or a lower limit for a value. */
export interface Limit {
  readonly name: string;
  readonly found: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit: string;
}

/** Whether the limit holds. A value that was not measured misses its limit. */
export function holds(
  { found, atMost = Infinity, atLeast = -Infinity }: Limit,
): boolean {
  return found <= atMost && found >= atLeast;
}

/** Formats a number with its significant digits. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** Formats the ratio of two values, as `×1.25`; "-" if one is missing or zero. */
export function ratio(value: number, base: number | undefined): string {
  if (
    base === undefined || base <= 0 || value < 0 ||
    ![value, base].every(Number.isFinite)
  ) return "-";
  return `×${(value / base).toFixed(value / base < 100 ? 2 : 0)}`;
}

/** Returns the figure as Markdown. */
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

/** Returns all limits in one table, with the missed ones first. */
export function limitTable(figures: readonly Figure[]): string {
  const rows = figures.flatMap(({ title, limits }) =>
    limits.map((
      limit,
    ) => [title, limit.name, valueOf(limit), boundOf(limit), verdictOf(limit)])
  );
  const missedFirst = [...rows].sort((a, b) => Number(b[4] === "MISSED") - Number(a[4] === "MISSED"));
  return markdownTable({
    columns: ["figure", "what", "found", "limit", "verdict"],
    rows: missedFirst,
  });
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
  // Columns of words are aligned left, columns of numbers right, even if one entry is a word.
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
