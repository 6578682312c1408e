/**
 * The key `apps` of a config file: several modules behind one server, by their paths.
 * @module
 */
import { resolve } from "node:path";
import { isMountPath } from "../components/lazy/mount.ts";
import type { Right } from "../mod.ts";
import { GOALS } from "../src/states.ts";
import { TIME, TIME_OR_NONE } from "./_values.ts";

/** One of several modules that are served, as it was read. */
export interface MountedModule {
  /** Where it is, such as "/shop". */
  readonly path: string;
  /** The module: an absolute path, or a `file:` URL. */
  readonly module: string;
  /** The name of its guest. Default: after its path. */
  readonly name?: string;
  /** Its rights at the bus. Default: none. */
  readonly rights?: readonly Right[];
  /** Whether it is made when the bus starts, and not by its first request. Default false. */
  readonly warm?: boolean;
  /** Milliseconds without a request after which it is given up. Default: never. */
  readonly idleMs?: number;
  /** Milliseconds for its start. Default 30 000. */
  readonly within?: number;
}

const EXPECTED = 'expected modules by their paths, such as { "/shop": "./shop.ts", "/": "./main.ts" }';
const EXPECTED_ONE = 'expected a module such as "./shop.ts", or { "module": "./shop.ts", "warm": true }';
const KEYS = ["module", "name", "rights", "warm", "idleMs", "within"];
const OTHER_RIGHTS = ["reload", "veto", "critical"];

/** Reads the key; a text says why it cannot be used. Paths of modules are relative to `folder`. */
export function readApps(raw: unknown, folder: string): readonly MountedModule[] | string {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return `apps is ${Array.isArray(raw) ? "a list" : JSON.stringify(raw)}: ${EXPECTED}`;
  }
  const apps: MountedModule[] = [];
  for (const [path, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const app = readApp(path, value, folder);
    if (typeof app === "string") return `"${path}" of apps ${app}`;
    apps.push(app);
  }
  return apps.length === 0 ? `apps is empty: ${EXPECTED}` : apps;
}

function readApp(path: string, value: unknown, folder: string): MountedModule | string {
  if (!isMountPath(path)) return 'is no path: expected one such as "/shop", or "/"';
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (typeof value !== "string" && !isObject) return `is ${JSON.stringify(value)}: ${EXPECTED_ONE}`;
  const said = (isObject ? value : { module: value }) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(said).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `has the unknown key "${unknown}": expected one of ${KEYS.join(", ")}`;
  const { module, name, rights, warm, idleMs, within } = said;
  if (typeof module !== "string" || module === "") {
    const found = module === undefined ? "has no module" : `has the module ${JSON.stringify(module)}`;
    return `${found}: ${EXPECTED_ONE}`;
  }
  if (name !== undefined && (typeof name !== "string" || name === "" || name.includes("/"))) {
    return `has the name ${JSON.stringify(name)}: expected one such as "shop"`;
  }
  const wrongRight = rightsProblem(rights);
  if (wrongRight !== undefined) return wrongRight;
  if (warm !== undefined && typeof warm !== "boolean") {
    return `has "warm": ${JSON.stringify(warm)}: expected true or false`;
  }
  const [idle, most] = [TIME_OR_NONE.read(idleMs), TIME.read(within)];
  if (idleMs !== undefined && idle === undefined) {
    return `has "idleMs": ${JSON.stringify(idleMs)}: expected ${TIME_OR_NONE.expected}`;
  }
  if (within !== undefined && most === undefined) {
    return `has "within": ${JSON.stringify(within)}: expected ${TIME.expected}`;
  }
  if (warm && idle !== undefined) return 'has both "warm" and "idleMs": expected one of them';
  return {
    path,
    module: module.startsWith("file:") ? module : resolve(folder, module),
    ...name !== undefined && { name },
    ...rights !== undefined && { rights: rights as readonly Right[] },
    ...warm !== undefined && { warm },
    ...idle !== undefined && { idleMs: idle },
    ...most !== undefined && { within: most },
  };
}

function rightsProblem(rights: unknown): string | undefined {
  if (rights === undefined) return undefined;
  if (!Array.isArray(rights)) {
    return `has "rights": ${JSON.stringify(rights)}: expected a list such as ["reload"]`;
  }
  const known = [...GOALS, ...OTHER_RIGHTS];
  const wrong = rights.find((right) => !known.includes(right as never) && !/^publish:./.test(String(right)));
  if (wrong === undefined) return undefined;
  return `has the unknown right ${JSON.stringify(wrong)}: expected one of ${
    known.join(", ")
  }, publish:<channel>`;
}
