/**
 * The installed package on each runtime: every entry point imported, and the command run as a user runs it.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { adopt, command, endGroup } from "../_command.ts";
import { programProblems, type Step } from "../_steps.ts";
import { requireTool, root } from "../_tools.ts";
import { npmBuildOptions } from "./options.ts";

const READY_MS = 15_000;
const STOP_MS = 10_000;

/** One way to run JavaScript. */
interface Runtime {
  readonly name: string;
  readonly file: string;
  /** What stands before the module's path. */
  readonly args: readonly string[];
}

/** The steps of one consumer's folder. */
export async function runtimeSteps(folder: string): Promise<Step[]> {
  writeFileSync(join(folder, "import_all.js"), importAll());
  writeFileSync(join(folder, "app.js"), `export default () => new Response("hello");\n`);
  return (await allRuntimes()).flatMap((runtime): Step[] => [
    {
      name: runtime.name,
      says: "imports every entry point",
      run: () => programProblems(runtime.file, [...runtime.args, "import_all.js"], { cwd: folder }),
    },
    { name: runtime.name, says: "the command says its help", run: () => helpProblems(runtime, folder) },
    {
      name: runtime.name,
      says: "the command serves, and ends on SIGTERM",
      run: () => serveProblems(runtime, folder),
    },
  ]);
}

/** Importing has no effect but to import: nothing is kept alive by it, and nothing is said. */
function importAll(): string {
  const { entryPoints, package: { name } } = npmBuildOptions();
  const exported = entryPoints.filter(({ kind }) => kind === "export");
  return [
    ...exported.map((entry, index) => `import * as m${index} from "${name}${entry.name.slice(1)}";`),
    `const empty = [${exported.map((_, index) => `m${index}`)}].filter((m) => Object.keys(m).length === 0);`,
    `if (empty.length > 0) throw new Error("an entry point exports nothing");\n`,
  ].join("\n");
}

async function allRuntimes(): Promise<Runtime[]> {
  const host = hostNode();
  const { stdout } = await command(host, ["--version"]);
  return [
    { name: `host-${stdout.trim()}`, file: host, args: [] },
    { name: "node22", file: requireTool("node22"), args: [] },
    { name: "node24", file: requireTool("node24"), args: [] },
    { name: "node26", file: requireTool("node26"), args: [] },
    { name: "bun", file: requireTool("bun"), args: ["--bun"] },
    { name: "deno", file: requireTool("deno"), args: ["run", "-A"] },
  ];
}

/** The machine's own Node: in an npm script, `node` is one of node_modules. */
function hostNode(): string {
  const places = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "node"));
  const found = process.env["npm_node_execpath"] ??
    places.find((path) => existsSync(path) && !realpathSync(path).startsWith(root));
  if (found === undefined) throw new Error("Cannot find the machine's own Node: there is none on PATH");
  return found;
}

/** Through node_modules/.bin, as npx and package scripts do; the "node" of its first line is the one asked for. */
function program(
  { file, args }: Runtime,
  folder: string,
): { file: string; args: string[]; env: NodeJS.ProcessEnv } {
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
