/**
 * `sitebus analyze`: tries an application some times, and shows what its start and its stop are made of.
 * @module
 */
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { firstLine } from "../components/log/place.ts";
import { type Analysis, analyze } from "./analysis.ts";
import { analysisText } from "./analysis_text.ts";
import { readConfig } from "./config.ts";
import { LoadError } from "./load_error.ts";
import type { ServeValues } from "./options.ts";
import { serveOptions } from "./serve_options.ts";
import { type Trial, trial } from "./trial.ts";
import { UsageError } from "./usage_error.ts";
import { runtimeText } from "./version.ts";

/** The application to analyze, and the form of the result. */
export interface AnalyzeOptions {
  /** How many trials. Default 5. */
  readonly runs: number;
  /** The file of a page for a browser. Default none. */
  readonly html?: string;
  /** The file that a single trial writes its result to: it is one of the trials itself. */
  readonly trial?: string;
}

/**
 * Tries the application and prints the analysis; `given` is what the command line says of the application.
 * @throws {UsageError} If there is no module.
 * @throws {ConfigError} If the config file cannot be used.
 * @throws {LoadError} If the application cannot be loaded or does not start.
 */
export async function runAnalyze(given: Partial<ServeValues>, options: AnalyzeOptions): Promise<void> {
  const config = await readConfig(given.config, process.cwd());
  // A trial takes a port of its own, so that the application may run meanwhile.
  const { module, apps, startWithin, json } = serveOptions({ ...given, port: 0 }, {
    config,
    folder: process.cwd(),
  });
  if (apps) throw new UsageError(`analyze takes one module, and "${config?.file}" has several, as apps`);
  if (options.trial !== undefined) {
    const { trialRun } = await import("./trial_run.ts");
    return await trialRun({ module, into: options.trial, startWithin });
  }
  const action = `Cannot analyze "${module}"`;
  const trials: Trial[] = [];
  for (let run = 0; run < options.runs; run++) {
    trials.push(whole(await trial({ module, action, startWithin }), action));
  }
  const analysis = analyze(trials);
  const title = `${module} on ${runtimeText()}`;
  if (options.html !== undefined) await writePage(options.html, analysis, title);
  console.log(
    json
      ? JSON.stringify({ module, runtime: runtimeText(), ...analysis })
      : analysisText(analysis, { title, columns: columns() }).trimEnd(),
  );
}

/** @throws {LoadError} If a component has not started. */
function whole(trial: Trial, action: string): Trial {
  if (trial.code === 0) return trial;
  const failed = trial.records.find(({ level, event }) => level === "error" && event !== "exit");
  const { message = `it has ended with ${trial.code}`, error } = failed ?? {};
  const why = error?.message === undefined || message.includes(error.message) ? "" : `: ${firstLine(error)}`;
  throw new LoadError(`${action}: ${message}${why}`);
}

async function writePage(file: string, analysis: Analysis, title: string): Promise<void> {
  const { analysisPage } = await import("./analysis_page.ts");
  try {
    await writeFile(file, analysisPage(analysis, title));
  } catch (cause) {
    throw new LoadError(`Cannot write "${file}": ${firstLine(cause)}`, { cause });
  }
}

function columns(): number {
  const { columns = 80 } = process.stdout as { readonly columns?: number };
  return Math.max(60, Math.min(columns || 80, 120));
}
