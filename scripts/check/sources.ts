/**
 * Reads and parses the TypeScript files of the repository, for our own checks.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** One file: its path from the top of the repository, with slashes, its text, and its syntax tree. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** A problem, as one line that begins with the place: `src/bus.ts:12: …`. */
export type Problem = string;

// Folders that a tool writes.
const LEFT_OUT = new Set([".git", "node_modules", "bench/node_modules", "npm", ".cache", "docs/api"]);

/** Returns the paths of all files below `top`, sorted. */
export function listFiles(top: string, folder = ""): string[] {
  return readdirSync(join(top, folder), { withFileTypes: true })
    .map((entry) => ({ entry, path: folder === "" ? entry.name : `${folder}/${entry.name}` }))
    .filter(({ path }) => !LEFT_OUT.has(path))
    .flatMap(({ entry, path }) => entry.isDirectory() ? listFiles(top, path) : [path])
    .sort();
}

/** Reads and parses every .ts file below `top`. */
export function readSources(top: string): Source[] {
  return listFiles(top).filter((path) => path.endsWith(".ts")).map((path) =>
    parseSource(path, readFileSync(join(top, path), "utf8"))
  );
}

/** Parses one file, of TypeScript or JavaScript. */
export function parseSource(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Returns the place where a node begins: `src/bus.ts:12`. */
export function at(source: Source, node: ts.Node): string {
  return `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** Calls `visit` with every node of a file. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}
