/**
 * The config file of a server that runs: read again with each reload, and held against what is in force.
 * @module
 */
import { resolve } from "node:path";
import type { ProcessBus } from "../mod.ts";
import { configFile } from "../components/reload.ts";
import { hashOf } from "../components/reload/contents.ts";
import { textOf } from "../src/errors.ts";
import { type Config, readConfig } from "./config.ts";
import type { ServeValues } from "./options.ts";
import { type ServeOptions, serveOptions } from "./serve_options.ts";

/** The keys whose change takes effect with a reload. All others need a restart, or a roll of the workers. */
export const LIVE_KEYS: readonly (keyof ServeValues)[] = ["quiet", "json", "keepAlive"];

/** The options with which the config file of a server is read again. */
export interface LiveConfigOptions {
  /** The values of the command line, which wins over the file. */
  readonly given: Partial<ServeValues>;
  /** The file as it was read at the start. */
  readonly config: Config;
  /** The outcome. */
  readonly options: ServeOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Called with what is in force from now on. */
  readonly apply: (options: ServeOptions) => void;
}

/** The outcome of one reading of the file. */
interface Reading {
  readonly values: Partial<ServeValues>;
  readonly options: ServeOptions;
}

/**
 * Has the config file take part in the reloads of the bus, and with `--reload` ask for one when it changes. A file that is
 * wrong is a veto. What cannot change while the server runs is logged, by the names of its keys.
 */
export function useLiveConfig(bus: ProcessBus, live: LiveConfigOptions): void {
  const { given, config, options, env, folder, apply } = live;
  const path = resolve(folder, config.file);
  let first: Reading | undefined = { values: config.values, options };
  const file = bus.use(configFile<Reading>(bus, path, {
    name: "config",
    watch: options.reload,
    async parse(text) {
      const read = first ?? await readAgain(text);
      first = undefined;
      return read;
    },
  }));
  async function readAgain(text: string): Promise<Reading> {
    try {
      const found = await readConfig(config.file, folder, hashOf(text).slice(0, 16));
      return { values: found!.values, options: serveOptions(given, { config: found, env, folder }) };
    } catch (error) {
      // The component names the file itself.
      throw new Error(textOf(error).replace(`Cannot use "${config.file}": `, ""), { cause: error });
    }
  }
  const inForce: Partial<Record<keyof ServeValues, unknown>> = { ...config.values };
  let last: Reading | undefined;
  const commit = () => {
    const reading = file.value.current;
    last ??= { values: config.values, options };
    if (reading === last) return;
    last = reading;
    const changed = changedKeys(inForce, reading.values).filter((key) => !(key in given));
    const taken = changed.filter(isLive);
    const needRestart = changed.filter((key) => !isLive(key));
    for (const key of taken) inForce[key] = reading.values[key];
    if (taken.length > 0) {
      apply(reading.options);
      bus.log(`${list(taken)} of "${config.file}" changed`, {
        event: "config",
        file: path,
        keys: taken,
      });
    }
    if (needRestart.length > 0) {
      bus.log(`${list(needRestart)} of "${config.file}" changed, which takes a restart`, {
        level: "warn",
        event: "config",
        file: path,
        needRestart,
      });
    }
  };
  // Commits after the file.
  bus.subscribe("reload", () => ({ commit }), { name: "config", priority: Infinity });
}

type Key = keyof ServeValues;

function changedKeys(before: Partial<Record<Key, unknown>>, after: Partial<Record<Key, unknown>>): Key[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<Key>;
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

function isLive(key: Key): boolean {
  return LIVE_KEYS.includes(key);
}

function list(keys: readonly Key[]): string {
  return keys.map((key) => `"${key}"`).join(", ");
}
