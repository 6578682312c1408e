/**
 * The config file of `sitebus serve`: found, read and held against the options, before anything starts.
 * @module
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { firstLine } from "../components/log/place.ts";
import { importFile, whyNotImported } from "./_import.ts";
import { readApps } from "./apps.ts";
import { ConfigError } from "./config_error.ts";
import { CONFIG_OPTIONS, type ServeValues, wrongValue } from "./options.ts";

/** The content of a config file. */
export interface Config {
  /** The file, for messages. */
  readonly file: string;
  readonly values: Partial<ServeValues>;
}

const NAMES = ["sitebus.config.ts", "sitebus.config.js", "sitebus.config.json"];

/**
 * Reads the config file that was named, else that of the folder; undefined where there is none. A module is imported anew
 * where its `version` is another one.
 * @throws {ConfigError} Naming the file and what is wrong in it.
 */
export async function readConfig(
  named: string | undefined,
  folder: string,
  version?: string,
): Promise<Config | undefined> {
  const file = named ?? findConfig(folder);
  if (file === undefined) return undefined;
  const path = resolve(folder, file);
  const found = extname(path) === ".json"
    ? await readJson(file, path)
    : await importConfig(file, path, version);
  return { file, values: checkConfig(file, dirname(path), found) };
}

/** The config file of a folder; undefined where it has none. @throws {ConfigError} If it has two. */
export function findConfig(folder: string): string | undefined {
  const [first, second] = NAMES.filter((name) => existsSync(join(folder, name)));
  if (second === undefined) return first;
  throw new ConfigError(
    `Cannot choose a config file: "${first}" and "${second}" are both there, expected one, or --config <file>`,
  );
}

async function readJson(file: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw refuse(file, whyNotRead(error, path) ?? `it is no JSON: ${firstLine(error)}`, error);
  }
}

async function importConfig(file: string, path: string, version: string | undefined): Promise<unknown> {
  // Each runtime has words of its own for a module that is not there.
  if (!existsSync(path)) throw refuse(file, `there is no file "${path}"`);
  try {
    return (await importFile(path, version))["default"];
  } catch (error) {
    throw refuse(file, whyNotImported(error), error);
  }
}

function whyNotRead(error: unknown, path: string): string | undefined {
  const { code } = Object(error) as { code?: unknown };
  if (code === "ENOENT") return `there is no file "${path}"`;
  return error instanceof SyntaxError ? undefined : firstLine(error);
}

function checkConfig(file: string, folder: string, found: unknown): Partial<ServeValues> {
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    const what = found === undefined ? "it has no default export" : "it is no object";
    throw refuse(file, `${what}, expected one such as { "port": 8080 }`);
  }
  const values: Partial<Record<keyof ServeValues, unknown>> = {};
  for (const [key, raw] of Object.entries(found)) {
    const option = CONFIG_OPTIONS.find((known) => known.key === key);
    if (!option) {
      const keys = CONFIG_OPTIONS.map((known) => known.key).join(", ");
      throw refuse(file, `unknown key "${key}": expected one of ${keys}`);
    }
    // An environment variable that is not set is undefined.
    if (raw === undefined) continue;
    if (key === "apps") {
      const apps = readApps(raw, folder);
      if (typeof apps === "string") throw refuse(file, apps);
      values.apps = apps;
      continue;
    }
    const value = option.kind.read(raw);
    if (value === undefined) throw refuse(file, wrongValue(option, key, raw));
    const isPath = option.kind.offers === "files" && !String(value).startsWith("file:");
    values[option.key] = isPath ? resolve(folder, String(value)) : value;
  }
  return values as Partial<ServeValues>;
}

function refuse(file: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`Cannot use "${file}": ${why}`, { cause });
}
