/**
 * Checks the installed package on each runtime: imports and requires every entry point, and runs the command as a user does.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { adopt, command, endGroup } from "../command.ts";
import type { Step } from "../_steps.ts";
import { requireTool, type Tool } from "../tools.ts";
import type { NpmBuildOptions } from "./options.ts";

const READY_MS = 30_000;
const STOP_MS = 10_000;

/** One way to run JavaScript. */
export interface Runtime {
  readonly name: Tool;
  /** The arguments before the path of the module. */
  readonly args: readonly string[];
}

/** All runtimes that the package supports. */
export const RUNTIMES: readonly Runtime[] = [
  { name: "node20", args: [] },
  { name: "node22", args: [] },
  { name: "node24", args: [] },
  { name: "node26", args: [] },
  { name: "bun", args: ["--bun"] },
  { name: "deno", args: ["run", "-A"] },
];

/** Imports and requires all entry points, in a folder without the dependencies of the package. */
export function importSteps(folder: string, options: NpmBuildOptions): Step[] {
  const names = entryNames(options);
  writeFileSync(join(folder, "import_all.mjs"), importAll(names));
  writeFileSync(join(folder, "require_all.cjs"), requireAll(names));
  return RUNTIMES.flatMap((runtime): Step[] =>
    [["imports", "import_all.mjs"], ["requires", "require_all.cjs"]].map(([verb, file = ""]) => ({
      name: runtime.name,
      says: `${verb} every entry point, without a dependency installed`,
      run: () => silenceProblems(runtime, file, folder),
    }))
  );
}

/** Runs the command, in a folder with the dependencies of the package. */
export function commandSteps(folder: string): Step[] {
  writeFileSync(join(folder, "app.js"), `export default () => new Response("hello");\n`);
  return RUNTIMES.flatMap((runtime): Step[] => [
    { name: runtime.name, says: "the command says its help", run: () => helpProblems(runtime, folder) },
    {
      name: runtime.name,
      says: "the command serves, and ends on SIGTERM",
      run: () => serveProblems(runtime, folder),
    },
    {
      name: runtime.name,
      says: "a failure that the command explains names no file of the package",
      run: () => failureProblems(runtime, folder),
    },
  ]);
}

/** Returns the specifier by which users import each module. */
export function entryNames({ entryPoints, package: { name } }: NpmBuildOptions): string[] {
  return entryPoints.filter(({ kind }) => kind === "export").map((entry) => `${name}${entry.name.slice(1)}`);
}

function importAll(names: readonly string[]): string {
  return [
    ...names.map((name, index) => `import * as m${index} from "${name}";`),
    `const empty = [${names.map((_, index) => `m${index}`)}].filter((m) => Object.keys(m).length === 0);`,
    `if (empty.length > 0) throw new Error("an entry point exports nothing");\n`,
  ].join("\n");
}

/** The source of a program that checks that `require` and `import` load the same copy of each module. */
function requireAll(names: readonly string[]): string {
  return [
    `for (const name of ${JSON.stringify(names)}) {`,
    `  const required = require(name);`,
    `  import(name).then((imported) => {`,
    `    const keys = Object.keys(imported).filter((key) => key !== "module.exports");`,
    `    if (keys.length === 0) throw new Error(name + " exports nothing");`,
    `    const other = keys.find((key) => required[key] !== imported[key]);`,
    `    if (other !== undefined) throw new Error(name + ": another " + other + " by require than by import");`,
    `  });`,
    `}\n`,
  ].join("\n");
}

/** Checks that a program which only imports prints nothing and ends by itself. */
async function silenceProblems({ name, args }: Runtime, file: string, folder: string): Promise<string[]> {
  const { code, output, crash } = await command(requireTool(name), [...args, file], {
    cwd: folder,
    env: { NO_COLOR: "1", NODE_OPTIONS: undefined },
    timeoutMs: READY_MS,
  });
  if (code === 0 && crash === undefined && output === "") return [];
  return [output.trim(), crash ?? (code === 0 ? "it should say nothing" : `exit code ${code}`)];
}

/** Runs the command by node_modules/.bin, as npx and package scripts do. The program "node" in PATH is the runtime under test. */
function program(
  { name, args }: Runtime,
  folder: string,
): { file: string; args: string[]; env: NodeJS.ProcessEnv } {
  const file = requireTool(name);
  const link = join(folder, "node_modules/.bin/sitebus");
  const path = `${dirname(file)}${delimiter}${process.env["PATH"]}`;
  const env = { ...process.env, NO_COLOR: "1", PATH: path };
  return args.length === 0 ? { file: link, args: [], env } : { file, args: [...args, link], env };
}

async function helpProblems(runtime: Runtime, folder: string): Promise<readonly string[]> {
  const { file, args, env } = program(runtime, folder);
  const { code, output, stdout, crash } = await command(file, [...args, "--help"], { cwd: folder, env });
  if (code === 0 && crash === undefined && stdout.includes("serve")) return [];
  return [output.trim(), crash ?? `exit code ${code}, and the help does not name "serve"`];
}

async function failureProblems(runtime: Runtime, folder: string): Promise<readonly string[]> {
  const { file, args, env } = program(runtime, folder);
  const words = [...args, "serve", "app.js", "--host", "no.such.host.invalid"];
  const { code, output } = await command(file, words, { cwd: folder, env, timeoutMs: READY_MS });
  if (code === 70 && output.includes("did not start") && !output.includes("/esm/")) return [];
  return [output.trim(), `exit code ${code}, expected 70 and a line without a file of the package`];
}

async function serveProblems(runtime: Runtime, folder: string): Promise<readonly string[]> {
  const { file, args, env } = program(runtime, folder);
  const child = adopt(spawn(file, [...args, "serve", "app.js", "--port", "0"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  }));
  const ended = once(child, "exit") as Promise<[number | null, string | null]>;
  let output = "";
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(why));
      const limit = setTimeout(() => fail(`says no address within ${READY_MS / 1000} s`), READY_MS);
      child.on("error", ({ message }) => fail(message));
      child.on("exit", (code) => fail(`ends with ${code} before it serves`));
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          const [found] = /http:\/\/[\w.:[\]]+:\d+/.exec(output) ?? [];
          if (found === undefined) return;
          clearTimeout(limit);
          resolve(found);
        });
      }
    });
    const answer = await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
    if (answer !== "hello") return [`answers "${answer}"`, output];
    child.kill("SIGTERM");
    const limit = setTimeout(() => endGroup(child), STOP_MS);
    const [code, signal] = await ended;
    clearTimeout(limit);
    return code === 0 ? [] : [`ends with ${code ?? signal} after SIGTERM`, output];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error), output];
  } finally {
    endGroup(child);
  }
}
