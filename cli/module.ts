/**
 * Loads the application module that `sitebus serve` was given, and says in one line why it cannot.
 * @module
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { firstLine, lineOf } from "../components/log/place.ts";
import { importFile, whyNotImported } from "./_import.ts";
import { ignoredOf } from "./ignored.ts";
import { LoadError } from "./load_error.ts";
import { ALONE, type Needs, needsOf, type ServedUnit } from "./needs.ts";

/** Answers a request; the second argument is what the runtime knows of the connection. */
export type Fetch = (request: Request, connection?: object) => Response | Promise<Response>;

/** Answers a request by Node's own objects. */
export type NodeFetch = (req: never, res: never) => unknown;

/** The exports of an application module; `Bus` is the type of the bus that `setup` gets. */
export interface Application<Bus> {
  /** The fetch function, its object bound; or the Node-style function. */
  readonly serve: { readonly fetch: Fetch } | { readonly node: NodeFetch };
  /** Adds components and listeners before the start. */
  readonly setup?: (bus: Bus) => unknown;
  /** The needs of the module. */
  readonly needs: Needs;
  /** Warnings about what it exports in vain. */
  readonly ignored: readonly string[];
}

/**
 * Imports the module and checks what it exports; a factory is given the unit.
 * @throws {LoadError} Saying in one line what is wrong, and where.
 */
export async function loadApplication<Bus>(
  module: string,
  unit: ServedUnit = ALONE,
): Promise<Application<Bus>> {
  const path = await pathOf(module);
  const found = await importFile(path).catch((error: unknown) => {
    throw new LoadError(`Cannot load "${module}": ${whyNotImported(error)}`, { cause: error });
  });
  return await applicationOf(module, exportsOf(found), unit);
}

/** The exports of a module: CommonJS that was compiled from a module keeps its exports one level down. */
export function exportsOf(found: Record<string, unknown>): Record<string, unknown> {
  const inner = found["default"] as Record<string, unknown> | undefined;
  return inner?.["__esModule"] ? inner : found;
}

async function applicationOf<Bus>(
  module: string,
  exports: Record<string, unknown>,
  unit: ServedUnit,
): Promise<Application<Bus>> {
  const refuse = (why: string, cause?: unknown) =>
    new LoadError(`Cannot serve "${module}": ${why}`, { cause });
  const { setup } = exports;
  const needs = needsOf(exports["needs"]);
  if (typeof needs === "string") throw refuse(needs);
  if (setup !== undefined && typeof setup !== "function") {
    throw refuse(`its export "setup" is ${kindOf(setup)}, expected a function`);
  }
  let { default: main } = exports;
  if (needs.unit && typeof main === "function") {
    try {
      main = await main(unit);
    } catch (error) {
      throw refuse(`its factory failed: ${lineOf(error)}`, error);
    }
  } else if (needs.unit) {
    throw refuse(`its default export is ${kindOf(main)}, expected the factory that it needs`);
  }
  const serve = servedBy(main);
  if (!serve) {
    const found = main === undefined ? "it has no default export" : `its default export is ${kindOf(main)}`;
    throw refuse(
      `${found}: expected "export default app" (Hono, Express, a fetch function), { fetch } or { node }`,
    );
  }
  const ignored = ignoredOf(main);
  return { serve, needs, ignored, ...setup && { setup: setup as (bus: Bus) => unknown } };
}

/** How a default export is served; undefined where it is no application. */
export function servedBy(
  main: unknown,
): { readonly fetch: Fetch } | { readonly node: NodeFetch } | undefined {
  // A method of this name comes first: an Elysia or H3 application may be a function as well.
  const { fetch, node, handle, listen } = Object(main) as Record<string, unknown>;
  if (typeof fetch === "function") return { fetch: bound(fetch, main) as Fetch };
  if (typeof main === "function") {
    // An application of Express or Connect is a function of Node's style, with these methods.
    const isNode = typeof handle === "function" && typeof listen === "function";
    return isNode ? { node: main as NodeFetch } : { fetch: main as Fetch };
  }
  if (typeof node === "function") return { node: bound(node, main) as NodeFetch };
  return undefined;
}

/** Binds by the original `bind`: an Express application has one of its own, which is a method of HTTP. */
function bound(method: unknown, owner: unknown): unknown {
  return Reflect.apply(Function.prototype.bind, method as () => unknown, [owner]);
}

/**
 * Finds the file of a module.
 * @throws {LoadError} If there is none.
 */
export async function pathOf(module: string): Promise<string> {
  let path: string;
  try {
    path = module.startsWith("file:") ? fileURLToPath(module) : resolve(module);
  } catch (error) {
    throw new LoadError(`Cannot load "${module}": it is no path of a file`, { cause: error });
  }
  const found = await stat(path).catch((error: unknown) => {
    const missing = (error as { code?: string }).code === "ENOENT";
    const why = missing ? `there is no file "${path}"` : firstLine(error);
    throw new LoadError(`Cannot load "${module}": ${why}`, { cause: error });
  });
  if (found.isDirectory()) throw new LoadError(`Cannot load "${module}": "${path}" is a directory`);
  return path;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  const kind = typeof value;
  return kind === "object"
    ? 'an object that has neither "fetch" nor "node"'
    : kind === "undefined"
    ? kind
    : `a ${kind}`;
}
