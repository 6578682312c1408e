/**
 * Where files are, what they are called and how long they are.
 * @module
 */
import type { Problem, Source } from "./sources.ts";

/** All that may stand at the top of the repository. */
const TOP = [
  ".ci/ .github/ bench/ cli/ components/ docs/ examples/ platforms/ scripts/ src/ test/",
  ".editorconfig .gitattributes .gitignore .npmrc CHANGELOG.md CONTRIBUTING.md LICENSE README.md SECURITY.md",
  "deno.json mod.ts package-lock.json package.json",
  "tsconfig.bun.json tsconfig.core.json tsconfig.node.json tsconfig.test.json vitest.config.ts",
].join(" ").split(" ");

/** How long a file may be; the core's are read by everybody. */
const maxLines = (path: string) => path.startsWith("src/") ? 300 : 400;

/** Names that say nothing of what is in the file. */
const EMPTY_NAMES = new Set(["constants", "helpers", "index", "types", "utils"]);

/** Holds all paths against the layout. */
export function checkLayout(paths: readonly string[]): Problem[] {
  const tops = new Set(paths.map((path) => path.includes("/") ? path.slice(0, path.indexOf("/") + 1) : path));
  return [...tops].filter((name) => !TOP.includes(name)).map((name) =>
    `${name}: not one of what stands at the top: find its folder, or say in scripts/check/files.ts why not`
  );
}

/** Holds the .ts files against the rules for names and length. */
export function checkFiles(sources: readonly Source[]): Problem[] {
  return sources.flatMap(({ path, text }) => [...nameProblems(path), ...lengthProblems(path, text)]);
}

function nameProblems(path: string): Problem[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "vitest.config.ts") return [];
  const [, stem = ""] = /^_?([a-z][a-z0-9]*(?:_[a-z0-9]+)*)(?:\.test|\.d)?\.ts$/.exec(name) ?? [];
  if (stem === "") return [`${path}: a file's name is snake_case, and .test.ts where it is a test`];
  return EMPTY_NAMES.has(stem) ? [`${path}: "${stem}" says nothing: name it after what it exports`] : [];
}

function lengthProblems(path: string, text: string): Problem[] {
  const lines = text.split("\n").length - 1;
  const most = maxLines(path);
  return lines <= most ? [] : [`${path}: ${lines} lines: more than ${most} is more than one idea`];
}
