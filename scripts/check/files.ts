/**
 * Checks the places, names and lengths of files.
 * @module
 */
import type { Problem, Source } from "./sources.ts";

/** All files and folders that the top of the repository may have. */
const TOP = [
  ".ci/ .github/ bench/ cli/ components/ docs/ examples/ platforms/ scripts/ src/ test/",
  ".editorconfig .gitattributes .gitignore .npmrc CHANGELOG.md CONTRIBUTING.md LICENSE README.md SECURITY.md",
  "deno.json mod.ts package-lock.json package.json",
  "tsconfig.bun.json tsconfig.core.json tsconfig.node.json tsconfig.test.json vitest.config.ts",
].join(" ").split(" ");

/** The most lines of a file. The limit for the core is lower, since everybody reads it. */
const maxLines = (path: string) => path.startsWith("src/") ? 300 : 400;

/** Names that do not say what is in the file. */
const EMPTY_NAMES = new Set(["constants", "helpers", "index", "types", "utils"]);

/** Checks that the top of the repository has no other files and folders than the known ones. */
export function checkLayout(paths: readonly string[]): Problem[] {
  const tops = new Set(paths.map((path) => path.includes("/") ? path.slice(0, path.indexOf("/") + 1) : path));
  return [...tops].filter((name) => !TOP.includes(name)).map((name) =>
    `${name}: unknown at the top of the repository: move it into a folder, or add it to TOP in scripts/check/files.ts`
  );
}

/** Checks the names and lengths of .ts files. */
export function checkFiles(sources: readonly Source[]): Problem[] {
  return sources.flatMap(({ path, text }) => [...nameProblems(path), ...lengthProblems(path, text)]);
}

function nameProblems(path: string): Problem[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "vitest.config.ts") return [];
  const [, stem = ""] = /^_?([a-z][a-z0-9]*(?:_[a-z0-9]+)*)(?:\.test|\.d)?\.ts$/.exec(name) ?? [];
  if (stem === "") {
    return [`${path}: the name of a file must be snake_case, and end with .test.ts for a test`];
  }
  return EMPTY_NAMES.has(stem) ? [`${path}: "${stem}" says nothing: name it after what it exports`] : [];
}

function lengthProblems(path: string, text: string): Problem[] {
  const lines = text.split("\n").length - 1;
  const most = maxLines(path);
  return lines <= most ? [] : [`${path}: ${lines} lines: more than ${most} is more than one idea`];
}
