/**
 * Several modules behind one server, each a guest of the bus.
 * @module
 */
import type { Guest, ProcessBus } from "../mod.ts";
import { mount, type MountedApp, serialize, type WebApp } from "../components/lazy.ts";
import { lineOf } from "../components/log/place.ts";
import { textOf } from "../src/errors.ts";
import { importFile, whyNotImported } from "./_import.ts";
import type { MountedModule } from "./apps.ts";
import { ConfigError } from "./config_error.ts";
import { LoadError } from "./load_error.ts";
import { exportsOf, type Fetch, pathOf, servedBy } from "./module.ts";
import { needsOf } from "./needs.ts";

/** The options with which the modules are mounted. */
export interface MountAppsOptions {
  /** Whether each of them answers one request at a time. */
  readonly serialize: boolean;
}

/**
 * Checks that there are such modules, and returns what puts them behind one function, once there is a bus. They are loaded
 * when they are needed.
 * @throws {LoadError} If there is no such module.
 */
export async function mountApps(
  apps: readonly MountedModule[],
  options: MountAppsOptions,
): Promise<(bus: ProcessBus) => Fetch> {
  const table: Record<string, MountedApp> = {};
  for (const { path, module, ...rest } of apps) {
    const file = await pathOf(module).catch((error: Error) => {
      throw new LoadError(`${error.message}, for "${path}" of apps`, { cause: error });
    });
    table[path] = { ...rest, load: async () => ({ default: await factoryOf(file, path, options) }) };
  }
  return (bus) => {
    try {
      return mount(bus, table).fetch as Fetch;
    } catch (error) {
      throw new ConfigError(textOf(error), { cause: error });
    }
  };
}

const HINT = "a module of apps exports a factory, (guest) => application, or an object with fetch";

/** The factory of a module, which may also export `setup` and `needs`. */
async function factoryOf(
  file: string,
  path: string,
  options: MountAppsOptions,
): Promise<(guest: Guest) => Promise<WebApp>> {
  const refuse = (why: string, cause?: unknown) =>
    new LoadError(`Cannot mount "${file}" at "${path}": ${why}`, { cause });
  const found = await importFile(file).catch((error: unknown) => {
    throw refuse(whyNotImported(error), error);
  });
  const { default: main, setup, needs: needed } = exportsOf(found);
  const needs = needsOf(needed);
  if (typeof needs === "string") throw refuse(needs);
  if (needs.unit) throw refuse('it needs a unit: a factory of apps is given its guest, without "needs.unit"');
  if (needs.concurrency !== undefined && !options.serialize) {
    throw refuse('it needs the concurrency "one", that is one request at a time; --serialize gives it that');
  }
  if (setup !== undefined && typeof setup !== "function") {
    throw refuse('its export "setup" is no function');
  }
  const served = servedBy(main);
  if (served === undefined) throw refuse(`its default export is none: ${HINT}`);
  if ("node" in served) {
    throw refuse("it is a Node-style application, which has a server of its own: serve it alone");
  }
  const isFactory = typeof main === "function" && typeof Object(main).fetch !== "function";
  return async (guest) => {
    await (setup as ((guest: Guest) => unknown) | undefined)?.(guest);
    const app = isFactory
      ? await made(main as (guest: Guest) => unknown, guest, refuse)
      : { fetch: served.fetch };
    return (options.serialize ? serialize(app as WebApp) : app) as WebApp;
  };
}

async function made(
  main: (guest: Guest) => unknown,
  guest: Guest,
  refuse: (why: string, cause?: unknown) => LoadError,
): Promise<unknown> {
  let app: unknown;
  try {
    app = await main(guest);
  } catch (error) {
    throw refuse(`its default export failed: ${lineOf(error)}; ${HINT}`, error);
  }
  const served = app instanceof Response ? undefined : servedBy(app);
  if (served === undefined || "node" in served) {
    throw refuse(
      `its default export returned ${app instanceof Response ? "a Response" : "no application"}; ${HINT}`,
    );
  }
  return { fetch: served.fetch };
}
