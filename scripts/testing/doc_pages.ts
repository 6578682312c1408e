/**
 * Checks the pages as their readers use them. Code blocks run on Node and Bun (on Deno by `deno test --doc`), or are compiled
 * if they cannot run. Links and commands must exist.
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "../_manifest.ts";
import { command } from "../command.ts";
import { listFiles } from "../check/sources.ts";
import { requireTool, root } from "../tools.ts";
import { type Block, blocksOf, missingInImportMap, pageProblems } from "./doc_blocks.ts";
import { addReports, crashed, type Report, type TestFailure } from "./report.ts";

const RUN_MS = 30_000;

/** Checks the given pages. */
export async function checkPages(paths: readonly string[], ended: (count: number) => void): Promise<Report> {
  if (paths.length === 0) return addReports([]);
  mkdirSync(join(root, ".cache"), { recursive: true });
  // Inside the repository, so that the import of "sitebus" is resolved as in the examples.
  const folder = mkdtempSync(join(root, ".cache/pages-"));
  try {
    const pages = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
    const blocks = pages.flatMap(({ path, text }) => blocksOf(path, text));
    const compiled = await compile(blocks.filter(({ treatment }) => treatment === "compile"), folder);
    ended(compiled.passed + compiled.failures.length);
    const reports = [compiled, ...pages.map(({ path, text }) => pageReport(path, text))];
    for (const block of blocks.filter(({ treatment }) => treatment === "run")) {
      reports.push(await run(block, folder));
      ended(2);
    }
    const unseen = blocks.filter(({ name, treatment }) =>
      treatment === "replay" && !name.startsWith("README.md")
    );
    for (const { name } of unseen) {
      reports.push(crashed(name, "nobody replays this transcript: say why not, or move it to README.md"));
    }
    const skips = blocks.filter(({ treatment }) => treatment === "skip").map(({ name, why }) => ({
      name,
      why,
    }));
    return addReports([...reports, { passed: 0, failures: [], skips }]);
  } catch (error) {
    return crashed("doc", error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the name of a block's file: "docs_http_md_21.ts". */
function fileOf({ name }: Block): string {
  return `${name.replace(/\W/g, "_")}.ts`;
}

function write(block: Block, folder: string): string {
  const file = join(folder, fileOf(block));
  writeFileSync(file, `${block.given}\n${block.code}\nexport {};\n`);
  return file;
}

async function run(block: Block, folder: string): Promise<Report> {
  const file = write(block, folder);
  const runtimes = [["node26", []], ["bun", ["run"]]] as const;
  const failures: TestFailure[] = [];
  for (const [name, args] of runtimes) {
    const { code, crash, output } = await command(requireTool(name), [...args, file], { timeoutMs: RUN_MS });
    if (code === 0 && crash === undefined) continue;
    failures.push({
      name: `${block.name} on ${name}`,
      message: `${crash ?? `ended with ${code}`}\n${output}`,
    });
  }
  return { passed: runtimes.length - failures.length, failures, skips: [] };
}

/** Compiles the blocks. A block that uses `Deno` is compiled by Deno, a block that uses `Bun` with Bun's types, others with Node's. */
async function compile(blocks: readonly Block[], folder: string): Promise<Report> {
  const names = (block: Block, runtime: string) =>
    block.code.includes(`${runtime}.`) && !block.given.includes(runtime);
  const ofDeno = blocks.filter((block) => names(block, "Deno"));
  const ofBun = blocks.filter((block) => names(block, "Bun") && !ofDeno.includes(block));
  const others = blocks.filter((block) => !ofDeno.includes(block) && !ofBun.includes(block));
  const outputs = [
    await compileTogether(
      ofDeno,
      folder,
      (files) => command(requireTool("deno"), ["check", "--quiet", ...files], { env: { NO_COLOR: "1" } }),
    ),
    await compileTogether(ofBun, folder, (files) => tsc(files, folder, ["bun"])),
    await compileTogether(others, folder, (files) => tsc(files, folder, ["node"])),
  ];
  return addReports(outputs);
}

/** The compiler options for blocks, which are less strict than ours, since readers' options may be. */
async function tsc(
  files: readonly string[],
  folder: string,
  types: readonly string[],
): Promise<{ output: string }> {
  const config = join(folder, `tsconfig.${types.join("-")}.json`);
  const compilerOptions = { noImplicitAny: false, exactOptionalPropertyTypes: false, types };
  writeFileSync(
    config,
    JSON.stringify({ extends: "../../tsconfig.test.json", compilerOptions, files, include: [] }),
  );
  return await command(requireTool("node26"), [requireTool("tsc"), "-p", config, "--pretty", "false"]);
}

async function compileTogether(
  blocks: readonly Block[],
  folder: string,
  compileFiles: (files: readonly string[]) => Promise<{ readonly output: string; readonly crash?: string }>,
): Promise<Report> {
  if (blocks.length === 0) return addReports([]);
  const { output, crash } = await compileFiles(blocks.map((block) => write(block, folder)));
  if (crash !== undefined) return crashed("doc", `${crash}\n${output}`);
  // An error of tsc is one line; an error of Deno has several lines.
  const errors = output.split(/\n(?=\.cache\/|TS\d+ \[ERROR\])/);
  const failures = blocks.flatMap((block) => {
    const own = errors.filter((error) => error.includes(fileOf(block)));
    return own.length === 0 ? [] : [{ name: block.name, message: own.join("\n") }];
  });
  const isElsewhere = failures.length === 0 && /\berror\b/i.test(output);
  return {
    passed: blocks.length - failures.length,
    failures: isElsewhere ? [{ name: "doc", message: output }] : failures,
    skips: [],
  };
}

function pageReport(path: string, text: string): Report {
  const scripts = Object.keys(readManifest(root, "package.json").scripts ?? {});
  const problems = [
    ...pageProblems(path, text, { scripts, exists: (target) => existsSync(join(root, target)) }),
    ...missingInImportMap(text, importedByExamples()).map((name) => `the import map leaves out "${name}"`),
  ];
  return {
    passed: problems.length === 0 ? 1 : 0,
    failures: problems.map((message) => ({ name: path, message })),
    skips: [],
  };
}

/** Returns the entry points that the examples import. */
function importedByExamples(): string[] {
  const files = listFiles(root, "examples").filter((path) => /\.(m?[jt]s)$/.test(path));
  const found = files.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/from "(sitebus(?:\/\w+)?)"/g)].map(([, name = ""]) =>
      name
    )
  );
  return [...new Set(found)].sort();
}
