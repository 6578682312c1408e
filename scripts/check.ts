/**
 * `npm run check`: all checks of the sources that do not run them. Each step prints one line, and its problems below it.
 * `npm run check -- layers fmt` runs only these two steps.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { endWithUs } from "./command.ts";
import { endWithCounts, programProblems, runSteps, type Step } from "./_steps.ts";
import { requireTool, root } from "./tools.ts";
import { listFiles, type Problem, readSources } from "./check/sources.ts";
import { checkExports } from "./check/exports.ts";
import { checkFiles, checkLayout } from "./check/files.ts";
import { checkForms } from "./check/forms.ts";
import { checkLayers, checkMap } from "./check/layers.ts";
import { checkDocs, checkPublish } from "./check/registry.ts";
import { checkSize, CORE_SAYS } from "./check/size.ts";
import { checkWords } from "./check/words.ts";

const paths = listFiles(root);
const sources = readSources(root);

// Deno has no types of Bun, and dnt is on jsr.io, which not every machine can reach.
const notForDeno = new Set([
  "test/types/bun.ts",
  "examples/http_bun.ts",
  "test/types/dnt.ts",
  "scripts/build_npm.ts",
]);
const forDeno = sources.map(({ path }) => path).filter((path) => !notForDeno.has(path));

// The slow steps come first, so that two steps at a time take the least time.
const steps: readonly Step[] = [
  { name: "deno-check", says: "types, as Deno sees them", run: () => deno("check", "--quiet", ...forDeno) },
  {
    name: "tsc-node",
    says: "types of the library with Node's",
    run: () => tsc("tsconfig.node.json"),
  },
  { name: "tsc-test", says: "types of tests and examples", run: () => tsc("tsconfig.test.json") },
  {
    name: "tsc-core",
    says: "types of the core, without any runtime's",
    run: () => tsc("tsconfig.core.json"),
  },
  { name: "drift", says: "our types of Deno and Bun against theirs", run: checkDrift },
  { name: "doc", says: "docs of all that is exported", run: () => checkDocs(root) },
  { name: "publish", says: "what jsr.io would say", run: () => checkPublish(root) },
  { name: "lint", says: "Deno's lint", run: () => deno("lint", "--quiet") },
  { name: "fmt", says: "format", run: () => deno("fmt", "--check") },
  {
    name: "size",
    says: CORE_SAYS,
    run: () => checkSize("./mod.ts", root),
  },
  {
    name: "layers",
    says: "who may import whom",
    run: () => [
      ...checkLayers(sources),
      ...checkMap(readFileSync(join(root, "docs/architecture.md"), "utf8")),
    ],
  },
  { name: "words", says: "words in exported names", run: () => checkWords(sources) },
  { name: "forms", says: "no any, enum, namespace, default export", run: () => checkForms(sources) },
  {
    name: "files",
    says: "names, lengths and places of files",
    run: () => [...checkLayout(paths), ...checkFiles(sources)],
  },
  { name: "exports", says: "deno.json, package.json and CHANGELOG agree", run: () => checkExports(root) },
];

async function deno(...args: string[]): Promise<readonly Problem[]> {
  return await programProblems(requireTool("deno"), args);
}

async function tsc(project: string): Promise<readonly Problem[]> {
  return await programProblems(requireTool("node26"), [requireTool("tsc"), "-p", project]);
}

/** Checks our types of Bun against Bun's own by tsc. The step deno-check does the same for Deno. */
async function checkDrift(): Promise<readonly Problem[]> {
  if (!paths.some((path) => path.startsWith("platforms/process/"))) return [];
  const missing = ["test/types/deno.ts", "test/types/bun.ts"].filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) return missing.map((path) => `there is no ${path}`);
  return await tsc("tsconfig.bun.json");
}

endWithUs();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`Cannot run the step "${unknown[0]}": there are ${steps.map(({ name }) => name).join(", ")}`);
  process.exit(64);
}
const chosen = wanted.length === 0 ? steps : steps.filter(({ name }) => wanted.includes(name));
endWithCounts(await runSteps(chosen, 2));
