/**
 * The name that a process is found by, where none was given.
 * @module
 */
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Names of modules that do not say what they are. */
const GENERAL = new Set(["app", "server", "index", "main", "mod"]);

/** Folders that do not say it either. */
const FOLDERS = new Set(["src", "dist", "build", "lib"]);

/** The name of the module, such as "hono" for examples/hono.ts; where that says nothing, the name of its folder. */
export function processName(module: string): string {
  const path = module.startsWith("file:") ? fileURLToPath(module) : resolve(module);
  const own = basename(path, extname(path));
  if (!GENERAL.has(own)) return clean(own);
  let folder = dirname(path);
  while (FOLDERS.has(basename(folder))) folder = dirname(folder);
  return clean(basename(folder)) || own;
}

function clean(name: string): string {
  return name.replace(/[^\w.-]+/g, "_").replace(/^[^\w]+/, "").slice(0, 40);
}
