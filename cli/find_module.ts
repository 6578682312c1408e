/**
 * The application module where none is named: the file that a Node project usually has for it.
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["", "src"];
const NAMES = ["app", "server", "index"];
const EXTENSIONS = ["ts", "js", "mjs", "mts"];

/**
 * Looks in `folder` for app, server and index, then in its src/, then at "main" of package.json. Returns the path from the
 * folder; undefined where there is none of them.
 */
export function findModule(folder: string): string | undefined {
  const paths = FOLDERS.flatMap((sub) =>
    NAMES.flatMap((name) => EXTENSIONS.map((ext) => join(sub, `${name}.${ext}`)))
  );
  const found = paths.find((path) => isFile(join(folder, path)));
  if (found !== undefined) return found;
  const main = mainOf(folder);
  return main !== undefined && isFile(join(folder, main)) ? main : undefined;
}

function mainOf(folder: string): string | undefined {
  try {
    const { main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { main?: unknown };
    return typeof main === "string" ? main : undefined;
  } catch {
    // There is no package.json, or it is no JSON, which npm will say.
    return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
