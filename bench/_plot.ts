/**
 * Draws bars as SVG, which is readable on a light and a dark page and by a screen reader.
 * @module
 */
import { digits } from "./_report.ts";

/** A plot. */
export interface BarChart {
  readonly title: string;
  /** The description, in a sentence. */
  readonly description: string;
  readonly unit: string;
  /** The value at the right edge. A larger value, such as Infinity, is drawn up to the edge with the words "still alive". */
  readonly most: number;
  /** The names of the bars in a row. */
  readonly series: readonly string[];
  readonly rows: readonly BarRow[];
  /** A line across all rows. */
  readonly mark: { readonly at: number; readonly text: string };
}

/** A row: a bar for each of the series, or a word in place of a missing one. */
export interface BarRow {
  readonly name: string;
  readonly bars: readonly (number | string)[];
}

const width = 760;
const left = 196;
const right = 84;
const top = 92;
// The height of a bar is nine of these.
const barHeight = 10;
const rowGap = 9;

const style = `
    text { font: 12px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .small, .value { font-size: 10px; fill: #59636e; }
    .own { font-weight: 700; }
    .grid { stroke: #d1d9e0; }
    .mark { stroke: #1f2328; stroke-dasharray: 3 3; }
    .series0 { fill: #3c873a; }
    .series1 { fill: #1f78b4; }
    .series2 { fill: #c77d0a; }
    .alive { fill-opacity: 0.45; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .small, .value { fill: #9198a1; }
      .grid { stroke: #3d444d; }
      .mark { stroke: #f0f6fc; }
      .series0 { fill: #5fb35c; }
      .series1 { fill: #58a6e0; }
      .series2 { fill: #e3a13b; }
    }`;

/** Draws the plot. */
export function barChart(chart: BarChart): string {
  const { title, description, unit, most, series, rows, mark } = chart;
  const x = (value: number) => round(left + (Math.min(value, most) / most) * (width - left - right));
  const rowHeight = series.length * barHeight + rowGap;
  const bottom = top + rows.length * rowHeight;
  const ticks = Array.from(
    { length: Math.floor(most) + 1 },
    (_, index) => index,
  );
  return [
    "<!-- deno-fmt-ignore-file -->",
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 34}" width="${width}" ` +
    `height="${bottom + 34}" role="img" aria-labelledby="title description">`,
    `  <title id="title">${escaped(title)}</title>`,
    `  <desc id="description">${escaped(`${description} ${spoken(chart)}`)}</desc>`,
    `  <style>${style}\n  </style>`,
    text(16, 28, title, "title"),
    text(16, 46, description, "small"),
    ...series.flatMap((name, index) => [
      `  <rect class="series${index}" x="${left + index * 70}" y="58" width="10" height="10"/>`,
      text(left + index * 70 + 15, 67, name, "small"),
    ]),
    ...ticks.flatMap((tick) => [
      `  <line class="grid" x1="${x(tick)}" y1="${top - 4}" x2="${x(tick)}" y2="${bottom}"/>`,
      text(x(tick), bottom + 16, `${tick} ${unit}`, "small", "middle"),
    ]),
    ...rows.flatMap((row, index) => drawRow(row, { y: top + index * rowHeight, chart, x })),
    `  <line class="mark" x1="${x(mark.at)}" y1="${top - 8}" x2="${x(mark.at)}" y2="${bottom}"/>`,
    text(x(mark.at) + 4, top - 7, mark.text, "small"),
    "</svg>",
    "",
  ].join("\n");
}

interface Where {
  readonly y: number;
  readonly chart: BarChart;
  readonly x: (value: number) => number;
}

function drawRow({ name, bars }: BarRow, { y, chart, x }: Where): string[] {
  const middle = y + (bars.length * barHeight) / 2 + 4;
  return [
    text(
      left - 8,
      middle,
      name,
      name.startsWith("sitebus") ? "own" : "",
      "end",
    ),
    ...bars.flatMap((bar, index) => {
      const at = y + index * barHeight;
      if (typeof bar === "string") {
        return bar === "" ? [] : [text(left + 4, at + 8, bar, "value")];
      }
      const end = Math.max(left + 1, x(bar));
      const kind = bar > chart.most ? `series${index} alive` : `series${index}`;
      return [
        `  <rect class="${kind}" x="${left}" y="${at}" width="${round(end - left)}" height="9"/>`,
        text(end + 4, at + 8, said(bar, chart), "value"),
      ];
    }),
  ];
}

function text(
  x: number,
  y: number,
  words: string,
  kind: string,
  anchor?: "middle" | "end",
): string {
  const attributes = [
    ...(kind === "" ? [] : [`class="${kind}"`]),
    `x="${x}"`,
    `y="${y}"`,
    ...(anchor === undefined ? [] : [`text-anchor="${anchor}"`]),
  ];
  return `  <text ${attributes.join(" ")}>${escaped(words)}</text>`;
}

/** Describes the plot in words, for a screen reader. */
function spoken(chart: BarChart): string {
  return chart.rows.map(({ name, bars }) => {
    const values = bars.flatMap((bar, index) => {
      if (bar === "") return [];
      return [
        `${chart.series[index]} ${typeof bar === "string" ? bar : said(bar, chart)}`,
      ];
    });
    return `${name}: ${values.join(", ")}.`;
  }).join(" ");
}

function said(value: number, { most, unit }: BarChart): string {
  return value > most ? "still alive" : `${digits(value)} ${unit}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
