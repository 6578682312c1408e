/**
 * Loads the application module that `sitebus serve` was given, and says in one line why it cannot.
 * @module
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { importFile, whyNotImported } from "./_import.ts";
import { firstLine } from "./_place.ts";
import { ignoredOf } from "./ignored.ts";

/** Answers a request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** Answers a request by Node's own objects. */
export type NodeFetch = (req: never, res: never) => unknown;

/** What an application module exports, `Bus` being what it wants of the bus. */
export interface Application<Bus> {
  /** The fetch function, its object bound; or the Node-style function. */
  readonly serve: { readonly fetch: Fetch } | { readonly node: NodeFetch };
  /** Adds components and listeners before the start. */
  readonly setup?: (bus: Bus) => unknown;
  /** Warnings about what it exports in vain. */
  readonly ignored: readonly string[];
}

/** The application module cannot be used: exit code 70. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

/**
 * Imports the module and checks what it exports.
 * @throws {LoadError} Saying in one line what is wrong, and where.
 */
export async function loadApplication<Bus>(module: string): Promise<Application<Bus>> {
  const path = await pathOf(module);
  const found = await importFile(path).catch((error: unknown) => {
    throw new LoadError(`Cannot load "${module}": ${whyNotImported(error)}`, { cause: error });
  });
  // CommonJS that was compiled from a module keeps its exports one level down.
  const inner = found["default"] as Record<string, unknown> | undefined;
  return applicationOf(module, inner?.["__esModule"] ? inner : found);
}

function applicationOf<Bus>(module: string, exports: Record<string, unknown>): Application<Bus> {
  const refuse = (why: string) => new LoadError(`Cannot serve "${module}": ${why}`);
  const { default: main, setup } = exports;
  if (setup !== undefined && typeof setup !== "function") {
    throw refuse(`its export "setup" is ${kindOf(setup)}, expected a function`);
  }
  const serve = servedBy(main);
  if (!serve) {
    const found = main === undefined ? "it has no default export" : `its default export is ${kindOf(main)}`;
    throw refuse(`${found}, expected a fetch function, { fetch } or { node }`);
  }
  const ignored = ignoredOf(main);
  return setup ? { serve, ignored, setup: setup as (bus: Bus) => unknown } : { serve, ignored };
}

function servedBy(main: unknown): Application<never>["serve"] | undefined {
  // First what is said by name: an Elysia or H3 application may be a function as well.
  const { fetch, node } = Object(main) as { fetch?: unknown; node?: unknown };
  if (typeof fetch === "function") return { fetch: bound(fetch, main) as Fetch };
  if (typeof main === "function") return { fetch: main as Fetch };
  if (typeof node === "function") return { node: bound(node, main) as NodeFetch };
  return undefined;
}

/** An Express application has a `bind` of its own: it is a method of HTTP. */
function bound(method: unknown, owner: unknown): unknown {
  return Reflect.apply(Function.prototype.bind, method as () => unknown, [owner]);
}

async function pathOf(module: string): Promise<string> {
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
  return kind === "object" ? "an object without them" : kind === "undefined" ? kind : `a ${kind}`;
}
