/**
 * `sitebus doctor`: checks what will go wrong with an application where it is to run, and says how to mend it.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { oneLine } from "../components/log/plain_text.ts";
import { readCertificate } from "./certificate.ts";
import { readConfig } from "./config.ts";
import { ConfigError } from "./config_error.ts";
import { dockerChecks } from "./doctor/docker_checks.ts";
import { type Facts, type Finding, ok, type Verdict } from "./doctor/finding.ts";
import { hostChecks, portCheck } from "./doctor/host_checks.ts";
import { manifestChecks } from "./doctor/manifest_checks.ts";
import { processChecks } from "./doctor/process_checks.ts";
import { trialChecks } from "./doctor/trial_checks.ts";
import { findModule } from "./find_module.ts";
import { ownTerminal } from "./terminal.ts";
import type { ServeValues } from "./options.ts";
import { serveOptions } from "./serve_options.ts";
import { trial } from "./trial.ts";
import { runtimeText } from "./version.ts";

/** The options of `sitebus doctor` beside those of `serve`. */
export interface DoctorOptions {
  /** Milliseconds that the host gives a process to stop. Default: what the host is known for. */
  readonly grace?: number;
  /** Whether the application is started and stopped once. Default true. */
  readonly start: boolean;
}

/** The exit code where something will go wrong. */
const WRONG = 1;

/**
 * Makes all checks and prints what they have found; the exit code is 1 where there is a problem.
 * @throws {UsageError} If what was given contradicts itself.
 * @throws {ConfigError} If the config file or the environment cannot be used.
 */
export async function runDoctor(given: Partial<ServeValues>, options: DoctorOptions): Promise<void> {
  const facts = await factsOf(given, options);
  const found = await findings(facts, options);
  const count = (wanted: Verdict) => found.filter(({ verdict }) => verdict === wanted).length;
  const problems = count("problem");
  if (facts.options.json) {
    console.log(JSON.stringify({ problems, warnings: count("warning"), findings: found }));
  } else console.log(pageOf(found, facts));
  process.exitCode = problems > 0 ? WRONG : 0;
}

async function factsOf(given: Partial<ServeValues>, { grace }: DoctorOptions): Promise<Facts> {
  const folder = process.cwd();
  const config = await readConfig(given.config, folder);
  const { deno, bun, node = "" } = process.versions as Readonly<Record<string, string | undefined>>;
  const apps = config?.values.apps;
  const module = given.module ?? config?.values.module ?? (apps ? undefined : findModule(folder));
  const options = serveOptions({ ...!apps && { module: "" }, ...given }, { config, env: process.env });
  const { module: _, ...rest } = options;
  return {
    options: module === undefined ? rest : { ...rest, module },
    env: process.env,
    folder,
    runtime: deno !== undefined ? "deno" : bun !== undefined ? "bun" : "node",
    version: deno ?? bun ?? node,
    pid: process.pid,
    container: existsSync("/.dockerenv") || existsSync("/run/.containerenv") ||
      process.env["KUBERNETES_SERVICE_HOST"] !== undefined,
    ...grace !== undefined && { grace },
  };
}

async function findings(facts: Facts, { start }: DoctorOptions): Promise<Finding[]> {
  const { folder, options: { module, startWithin, tls } } = facts;
  const read = (path: string) => {
    try {
      return readFileSync(join(folder, path), "utf8");
    } catch {
      return undefined;
    }
  };
  const list = (path: string) => {
    try {
      return readdirSync(join(folder, path));
    } catch {
      return [];
    }
  };
  const action = `Cannot try "${module}"`;
  return [
    ...processChecks(facts),
    ...hostChecks(facts),
    await portCheck(facts),
    ...tls ? [await certificateCheck(tls)] : [],
    ...dockerChecks(facts, read),
    ...manifestChecks(facts, read, list),
    ...!start ? [] : module === undefined
      ? [
        {
          check: "trial",
          verdict: "unknown",
          reason: "there is no module to try: sitebus doctor app.ts",
        } as const,
      ]
      : await trialChecks(() => trial({ module, action, startWithin }), startWithin),
  ];
}

async function certificateCheck(files: { readonly cert: string; readonly key: string }): Promise<Finding> {
  const check = "certificate";
  try {
    await readCertificate(files);
    return ok(check, `"${files.cert}" and its key belong together`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { check, verdict: "problem", reason: error.message };
  }
}

const STYLES: Readonly<Record<Verdict, string>> = { ok: "32", unknown: "2", warning: "33", problem: "31" };
const WIDTH = 80;

function pageOf(found: readonly Finding[], { options: { module } }: Facts): string {
  const colour = ownTerminal()?.colour === true && process.stdout.isTTY === true;
  const names = Math.max(...found.map(({ check }) => check.length));
  const indent = 2 + 7 + 2 + names + 2;
  const lines = found.flatMap(({ check, verdict, reason, mend }) => {
    const word = verdict.padEnd(7);
    const shown = colour ? `\x1b[${STYLES[verdict]}m${word}\x1b[0m` : word;
    const [first = "", ...more] = wrapped(oneLine(reason), WIDTH - indent);
    const mends = mend === undefined ? [] : wrapped(`→ ${oneLine(mend)}`, WIDTH - indent);
    return [
      `  ${shown}  ${check.padEnd(names)}  ${first}`,
      ...[...more, ...mends].map((line) => " ".repeat(indent) + line),
    ];
  });
  const count = (wanted: Verdict) => found.filter(({ verdict }) => verdict === wanted).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const sum = problems + warnings === 0
    ? "Nothing will go wrong, as far as to be seen from here."
    : `${problems} ${problems === 1 ? "problem" : "problems"}, ${warnings} ${
      warnings === 1 ? "warning" : "warnings"
    }`;
  return [`sitebus doctor: ${module ?? "no module"} on ${runtimeText()}`, "", ...lines, "", sum].join("\n");
}

/** The text in lines of so many columns; a longer word has a line of its own. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
