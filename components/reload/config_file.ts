/**
 * A configuration that is read from a file, checked, and read again when the file changes.
 * @module
 */
import type { UrlLike } from "../../src/internal.ts";
import { basename } from "node:path";
import { checkFunction, checkKeys, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { textOf } from "../../src/errors.ts";
import type { Phase, Prepared, Reload } from "../../src/phase.ts";
import { hashOf, type Read } from "./contents.ts";
import { parseJson } from "./json_text.ts";
import { isMissing, pathOf, readText } from "./read_text.ts";
import { checkReloadable, type ReloadableBus, ReloadBy } from "./reloadable_bus.ts";
import { checkBySchema, type SchemaLike } from "./schema.ts";
import { checkPollMs, watchFiles } from "./watch_files.ts";

/** How a configuration file is read. */
export interface ConfigFileOptions<T> {
  /** The component's name. Default: the name of the file. */
  readonly name?: string;
  /** Parses the text. Default: as JSON. */
  readonly parse?: (text: string) => unknown;
  /** Checks what was parsed; its output is the configuration. Any Standard Schema will do. Default: anything holds. */
  readonly schema?: SchemaLike<T>;
  /** Whether a change of the file reloads the bus. Default true; else only a reload that somebody asks for reads it again. */
  readonly watch?: boolean;
  /** Milliseconds after which the file is looked at in any case, for disks that tell of no changes. Default 60 000. */
  readonly pollMs?: number;
}

/** The value of the component. */
export interface Config<T> {
  /** The configuration as it was last committed. It is another object after a reload that has changed it. */
  readonly current: T;
}

const ACTION = "Cannot use the configuration file";
const OPTIONS = ["name", "parse", "schema", "watch", "pollMs"];

/** Milliseconds that a file may be gone without a word: whoever saves it may remove it first. */
const GONE_MS = 1_000;

class ConfigFile<T> implements Component<Config<T>> {
  readonly name: string;
  readonly #reloadBy: ReloadBy;
  readonly #path: string;
  readonly #options: ConfigFileOptions<T>;
  /** The text of what is in use. */
  #text = "";
  /** The text that the bus was last reloaded for, which may have been refused. */
  #seen = "";
  #config: { current: T } | undefined;
  #log!: Phase["log"];
  #unwatch: (() => void) | undefined;
  #goneTimer: ReturnType<typeof setTimeout> | undefined;
  #isGoneSaid = false;

  constructor(bus: ReloadableBus, path: string, options: ConfigFileOptions<T>) {
    this.#reloadBy = new ReloadBy(bus, () => void this.#lookAgain());
    this.#path = path;
    this.#options = options;
    this.name = options.name ?? basename(path);
  }

  async start({ log }: Phase): Promise<Config<T>> {
    const { watch = true, pollMs = 60_000 } = this.#options;
    this.#log = log;
    const text = await this.#read();
    const config = this.#config = { current: await this.#check(text) };
    this.#text = this.#seen = text;
    if (watch) {
      this.#unwatch = watchFiles([this.#path], {
        pollMs,
        changed: () => void this.#look(),
        failed: (message, error) => log(message, { level: "warn", event: "file", file: this.#path, error }),
      });
    }
    return config;
  }

  async reload(_: Config<T>, reload: Reload): Promise<Prepared | void> {
    const { content: text, hashes } = await this.#reloadBy.read(
      reload,
      [this.#path],
      () => this.#readHashed(),
    );
    this.#seen = text;
    if (text === this.#text) return;
    const current = await this.#check(text);
    return {
      commit: () => {
        this.#text = text;
        this.#config!.current = current;
        this.#reloadBy.committed(hashes);
      },
    };
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#reloadBy.end();
    clearTimeout(this.#goneTimer);
    this.#goneTimer = undefined;
  }

  #read(): Promise<string> {
    return readText(`Cannot read "${this.#path}"`, this.#path);
  }

  async #readHashed(): Promise<Read<string>> {
    const content = await this.#read();
    return { content, hashes: { [this.#path]: hashOf(content) } };
  }

  async #check(text: string): Promise<T> {
    const { parse = parseJson, schema } = this.#options;
    try {
      const parsed = await parse(text);
      return schema ? await checkBySchema(schema, parsed) : parsed as T;
    } catch (cause) {
      throw new Error(`Cannot use "${this.#path}": ${textOf(cause)}`, { cause });
    }
  }

  /** The file may have changed. */
  async #look(): Promise<void> {
    let text: string;
    try {
      text = await this.#read();
    } catch (error) {
      return this.#miss(error);
    }
    this.#find();
    if (!this.#unwatch || text === this.#seen) return;
    this.#seen = text;
    const hashes = { [this.#path]: hashOf(text) };
    this.#reloadBy.ask(this.#log, { hashes, file: this.#path, what: "has changed" });
  }

  /** The content that was seen was not taken, since the units did not agree on it. */
  #lookAgain(): Promise<void> {
    this.#seen = this.#text;
    return this.#look();
  }

  /** The file is gone, or is something else: the last configuration stays, and that is said once. */
  #miss(error: unknown): void {
    if (!this.#unwatch || this.#isGoneSaid) return;
    if (this.#goneTimer === undefined && isMissing(error)) {
      this.#goneTimer = setTimeout(() => void this.#look(), GONE_MS);
      this.#goneTimer.unref();
      return;
    }
    this.#isGoneSaid = true;
    this.#log(`${textOf(error)}, the last configuration stays`, {
      level: "warn",
      event: "file",
      file: this.#path,
      error,
    });
  }

  #find(): void {
    clearTimeout(this.#goneTimer);
    this.#goneTimer = undefined;
    this.#isGoneSaid = false;
  }
}

/**
 * Makes a component of a configuration file: its `value.current` is the content, parsed and checked. When the file
 * changes, the bus is reloaded, and with any reload the file is read again: where its content holds, and nobody else
 * vetoes, it is `current` from then on; where it does not, that is a veto: the log says what is wrong where, and the last
 * configuration stays. A file that cannot be used at the start fails the start.
 *
 * In the units of a pool, all have the new content afterwards, or none of them.
 *
 * The log records of a watched file have the `event` "file", and its path as `file`.
 *
 * @throws {TypeError} If the path, or an option, is none.
 * @throws {RangeError} If a time is no number of milliseconds.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 * import { configFile } from "@sitebus/sitebus/reload";
 *
 * const path = join(tmpdir(), "sitebus_example.json");
 * await writeFile(path, '{ "greeting": "Hello" }');
 * const bus = new ProcessBus({ platform: inline() });
 * const config = bus.use(configFile<{ greeting: string }>(bus, path)); // or with { schema: z.object({ … }) }
 * await bus.start();
 * console.log(config.value.current.greeting); // Hello
 * await bus.exit();
 * ```
 */
export function configFile<T = unknown>(
  bus: ReloadableBus,
  path: string | UrlLike,
  options: ConfigFileOptions<T> = {},
): Component<Config<T>> {
  checkReloadable(ACTION, bus);
  const file = pathOf(ACTION, "the path", path);
  checkKeys(ACTION, options, OPTIONS);
  const { name, parse, schema, watch = true, pollMs } = options;
  if (name !== undefined) checkName(ACTION, name);
  checkFunction(ACTION, "parse", parse, true);
  if (schema !== undefined && typeof Object(schema["~standard"]).validate !== "function") {
    throw new TypeError(
      `${ACTION}: "schema" is ${show(schema)}, expected a Standard Schema, as of zod or valibot`,
    );
  }
  if (typeof watch !== "boolean") {
    throw new TypeError(`${ACTION}: "watch" is ${show(watch)}, expected true or false`);
  }
  checkPollMs(ACTION, pollMs);
  return new ConfigFile(bus, file, options);
}
