/**
 * An analysis as a page for a terminal: a bar for each step, the critical path, and what would be gained.
 * @module
 */
import { oneLine } from "../components/log/plain_text.ts";
import { cut, widthOf } from "./_ansi.ts";
import type { Analysis, Gain, PhaseAnalysis } from "./analysis.ts";

/** How the page is written. */
export interface AnalysisTextOptions {
  /** The module, and the runtime with its version. */
  readonly title: string;
  /** The columns of the terminal. Default 80. */
  readonly columns?: number;
}

interface Row {
  readonly name: string;
  readonly from: number;
  readonly ms: number;
  readonly critical: boolean;
}

const MOST_GAINS = 5;

/** The page, with its line ends. */
export function analysisText(analysis: Analysis, options: AnalysisTextOptions): string {
  const { title, columns = 80 } = options;
  const { runs, bootMs, loadMs, setupMs, start, drainMs, stop } = analysis;
  const before = loadMs + setupMs;
  const rows: Row[] = [
    { name: "(import)", from: 0, ms: loadMs, critical: true },
    { name: "(setup)", from: loadMs, ms: setupMs, critical: true },
    ...start.steps.map((step) => ({ ...step, from: step.from + before })),
  ];
  const stops: Row[] = [
    ...drainMs > 0 ? [{ name: "(drain)", from: 0, ms: drainMs, critical: true }] : [],
    ...stop.steps.map((step) => ({ ...step, from: step.from + drainMs })),
  ];
  const names = Math.min(24, Math.max(...[...rows, ...stops].map(({ name }) => widthOf(oneLine(name)))));
  const draw = (head: string, some: readonly Row[], whole: number) => [
    "",
    `${head}: ${msText(whole)}`,
    ...some.map((row) => line(row, { whole, names, columns })),
  ];
  return [
    `${oneLine(title)}: ${runs === 1 ? "one run" : `the median of ${runs} runs`}`,
    ...draw("start", rows, before + start.ms),
    ...draw("stop", stops, drainMs + stop.ms),
    "",
    `* the critical path: a shorter step there makes the whole shorter`,
    ...pathLines("start", start),
    ...pathLines("stop", stop),
    "",
    ...gainLines(analysis),
    `Before the import, the runtime and sitebus take ${msText(bootMs)}.`,
  ].map((text) => `${text}\n`).join("");
}

/** A duration of a step. */
export function msText(ms: number): string {
  return ms < 9.95
    ? `${ms.toFixed(1)} ms`
    : ms < 9_995
    ? `${Math.round(ms)} ms`
    : `${(ms / 1000).toFixed(1)} s`;
}

function line(
  { name, from, ms, critical }: Row,
  { whole, names, columns }: { readonly whole: number; readonly names: number; readonly columns: number },
): string {
  const shown = cut(oneLine(name), names);
  const space = Math.max(10, columns - names - 15);
  const scale = whole > 0 ? space / whole : 0;
  const at = Math.min(space - 1, Math.floor(from * scale));
  const length = Math.max(1, Math.min(space - at, Math.round(ms * scale)));
  const bar = `${" ".repeat(at)}${"█".repeat(length)}${" ".repeat(space - at - length)}`;
  const mark = critical ? "*" : " ";
  return `${mark} ${shown}${" ".repeat(names - widthOf(shown))} ${msText(ms).padStart(9)}  ${bar}`.trimEnd();
}

function pathLines(title: string, { critical, ms }: PhaseAnalysis): string[] {
  return critical.length === 0 ? [] : [`  ${title}: ${critical.map(oneLine).join(" → ")}, ${msText(ms)}`];
}

function gainLines({ start, stop }: Analysis): string[] {
  const gains = [
    ...start.gains.map((gain) => ({ text: gainText("start", gain), ms: gain.ms })),
    ...stop.gains.map((gain) => ({ text: gainText("stop", gain), ms: gain.ms })),
  ].sort((a, b) => b.ms - a.ms).slice(0, MOST_GAINS);
  if (gains.length === 0) {
    return [
      "No component on the critical path waits for another by its own wish: there is no",
      "step to run beside another.",
    ];
  }
  return [
    "What would be gained, where the steps do not need each other:",
    ...gains.map(({ text }) => `  ${text}`),
  ];
}

function gainText(phase: string, { component, waitsFor, ms }: Gain): string {
  const verb = phase === "start" ? "started beside" : "stopped beside";
  return `${msText(ms).padStart(8)} of the ${phase}, if "${oneLine(component)}" ${verb} "${
    oneLine(waitsFor)
  }"`;
}
