/**
 * The options of `sitebus serve`, put together: the command line wins over the config file, that over the environment, and
 * that over the defaults. Options that contradict each other are refused.
 * @module
 */
import { resolve } from "node:path";
import type { Health } from "./_values.ts";
import type { MountedModule } from "./apps.ts";
import type { Config } from "./config.ts";
import { ConfigError } from "./config_error.ts";
import { findModule } from "./find_module.ts";
import { flagOf, OPTIONS, type ServeValues, wrongValue } from "./options.ts";
import { UsageError } from "./usage_error.ts";

/** The options of a service of the operating system; times in milliseconds. */
export interface OsOptions {
  /** The file that holds the number of the process. */
  readonly pidFile?: string;
  /** The user to run as once the port is open. Default: it stays. */
  readonly user?: string;
  /** The group to run as. Default: that of the user. */
  readonly group?: string;
  /** The permissions that new files do not get. Default: they stay. */
  readonly umask?: number;
  /** How long the event loop may stand still. Default: watched in a stop alone. */
  readonly watchdog?: number;
}

/** All that `sitebus serve` needs to know; times in milliseconds. */
export interface ServeOptions extends OsOptions {
  /** The application module: a path from the working directory, or a `file:` URL; with `apps`, the paths of these. */
  readonly module: string;
  /** Several modules in place of one. */
  readonly apps?: readonly MountedModule[];
  /** The name or address to listen on. Default "127.0.0.1". */
  readonly host: string;
  /** The port to listen on; 0 picks a free one. Default 3000. */
  readonly port: number;
  /** The unix socket to listen on instead. */
  readonly unix?: string;
  /** The files to serve HTTPS with. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Where the application's health is told. Default nowhere. */
  readonly health?: Health;
  /** For how long it serves on when it is asked to stop. Default 0. */
  readonly lameDuck: number;
  /** For how long a connection may be idle. Default 65 s. */
  readonly keepAlive: number;
  /** The processes or threads that serve. Default: this process alone does. */
  readonly workers?: Workers;
  /** Whether each process or thread answers one request at a time. Default false. */
  readonly serialize: boolean;
  /** For how long components may start. Default 30 s. */
  readonly startWithin: number;
  /** For how long the whole stop may take, from the signal to the end of the process. Default 25 s. */
  readonly stopWithin: number;
  /** False where no control socket is opened. */
  readonly control?: false;
  /** The port of the status page. Default: none. */
  readonly statusPort?: number;
  /** The name that the process is found by. Default: that of the module, or of its directory. */
  readonly name?: string;
  /** Whether it serves the new code where a file that was loaded changes. Default false. */
  readonly watch: boolean;
  /** Whether it serves in the background. Default false. */
  readonly daemon: boolean;
  /** The file that all it prints goes to. Default: the standard error. */
  readonly logFile?: string;
  /** Whether it says nothing but warnings and errors. Default false. */
  readonly quiet: boolean;
  /** Whether it says one JSON object a line. Default false. */
  readonly json: boolean;
  /** Whether it reloads by itself when its files change. Default false. */
  readonly reload: boolean;
}

/** The processes or threads that serve. */
export interface Workers {
  /** How many; "auto": as many as there are processors. */
  readonly count: number | "auto";
  readonly kind: "process" | "thread";
  /** A worker is replaced after so many connections. Default never. */
  readonly maxRequests?: number;
  /** A process is replaced that has more than so many bytes of memory. Default never. */
  readonly maxMemory?: number;
}

/** How much of the stop's time requests in flight have. */
export const DRAIN_SHARE = 0.7;

/** A shorter time would end programs that only have much to do. */
const LEAST_WATCHDOG_MS = 300;

/** How much of the stop's time may be lame duck, so that requests have some left. */
const LAME_DUCK_SHARE = 0.5;

type Key = keyof ServeValues;
type Given = { -readonly [K in Key]?: ServeValues[K] };

/** Where options come from beside the command line. */
export interface OptionSources {
  /** The config file, where there is one. */
  readonly config?: Config | undefined;
  /** The environment. Default: an empty one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The folder to look for a module in, where none is named. Default: no search. */
  readonly folder?: string;
}

/**
 * Puts the sources together.
 * @throws {UsageError} If there is no module, or the command line contradicts itself or the config file.
 * @throws {ConfigError} If the config file contradicts itself, or the environment holds a value that cannot be used.
 */
export function serveOptions(
  given: Partial<ServeValues>,
  { config, env = {}, folder }: OptionSources,
): ServeOptions {
  const from: Given = { ...config?.values };
  // An address that was typed replaces the one of the file, whatever kind that is.
  if (given.port !== undefined) delete from.unix;
  if (given.unix !== undefined) {
    for (const key of ["port", "tlsCert", "tlsKey"] as const) delete from[key];
  }
  const said: Given = { ...from, ...given };
  // The environment has no say where a unix socket was asked for.
  if (said.unix === undefined) Object.assign(said, { ...environment(env), ...said });
  const { apps, unix, tlsCert, tlsKey, health } = said;
  if (apps !== undefined && said.module !== undefined) throw oneOf(given.module, config?.file);
  const module = said.module ?? apps?.map(({ path }) => path).join(", ") ??
    (folder === undefined ? undefined : findModule(folder));
  if (module === undefined) {
    throw new UsageError(
      'serve has no module, and finds no app, server or index here or in src/, nor "main" in package.json: ' +
        "expected the path of one, such as sitebus serve app.ts",
    );
  }
  const all = { ...defaults(), ...said };
  const label = (key: Key) => key in from && !(key in given) ? key : flagOf(key);
  const wrong = contradiction(said, { ...all, label });
  if (wrong) {
    throw config && wrong.keys.every((key) => !(key in given))
      ? new ConfigError(`Cannot use "${config.file}": ${wrong.message}`)
      : new UsageError(wrong.message);
  }
  const { host, port, lameDuck, keepAlive, startWithin, stopWithin } = all;
  const { quiet = false, json = false, serialize = false, reload = false } = all;
  const { control, statusPort, name } = all;
  const { watch = false, daemon = false, logFile } = all;
  const workers = workersOf(all);
  return {
    module,
    ...apps && { apps },
    host,
    port,
    ...unix !== undefined && { unix: resolve(unix) },
    ...tlsCert !== undefined && tlsKey !== undefined && { tls: { cert: tlsCert, key: tlsKey } },
    ...health && { health },
    lameDuck,
    keepAlive,
    ...workers && { workers },
    serialize,
    startWithin,
    stopWithin,
    ...control === false && { control },
    ...name !== undefined && { name },
    ...statusPort !== undefined && { statusPort },
    watch,
    daemon,
    ...logFile !== undefined && { logFile },
    ...osOptionsOf(all),
    quiet,
    json,
    reload,
  };
}

/** One module, and several. */
function oneOf(given: string | undefined, file: string | undefined): Error {
  return given === undefined
    ? new ConfigError(`Cannot use "${file}": module and apps are both there: expected one`)
    : new UsageError(
      `"${given}" is one module, and "${file}" has several, as apps: expected one or the other`,
    );
}

function osOptionsOf({ pidFile, user, group, umask, watchdog }: Given): OsOptions {
  return {
    ...pidFile !== undefined && { pidFile: resolve(pidFile) },
    ...user !== undefined && { user },
    ...group !== undefined && { group },
    ...umask !== undefined && { umask },
    ...watchdog !== undefined && { watchdog },
  };
}

function workersOf(
  { workers, threads, maxRequests, maxMemory, watch, daemon, logFile }: Given,
): Workers | undefined {
  // A process that replaces, watches over or listens to another one is a second process.
  const count = workers ?? (watch || daemon || logFile !== undefined ? 1 : undefined);
  return count === undefined ? undefined : {
    count,
    kind: threads ? "thread" : "process",
    ...maxRequests !== undefined && { maxRequests },
    ...maxMemory !== undefined && { maxMemory },
  };
}

/** Options that contradict each other, and a line about them. */
interface Contradiction {
  readonly keys: readonly Key[];
  readonly message: string;
}

/** Looks for a contradiction; `all` has the defaults as well, and `label` names an option as its source writes it. */
function contradiction(
  { port, unix, tlsCert, tlsKey, health, workers, threads, ...said }: Given,
  { label, ...all }: Defaults & Pick<Given, "control" | "statusPort"> & { label(key: Key): string },
): Contradiction | undefined {
  const wrong = (keys: readonly Key[], message: string) => ({ keys, message });
  if (unix !== undefined && port !== undefined) {
    return wrong(["unix", "port"], `${label("unix")} and ${label("port")} are two addresses: expected one`);
  }
  if (unix !== undefined && tlsCert !== undefined) {
    // Deno would do so without a word.
    const both = `${label("unix")} and ${label("tlsCert")}`;
    return wrong(["unix", "tlsCert"], `${both} do not go together: a unix socket is served without TLS`);
  }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const both = `${label("tlsCert")} and ${label("tlsKey")}`;
    return wrong(["tlsCert", "tlsKey"], `${both} go together: expected both`);
  }
  for (const key of ["threads", "maxRequests", "maxMemory"] as const) {
    const isGiven = key === "threads" ? threads === true : said[key] !== undefined;
    if (isGiven && workers === undefined) {
      const found = `${label(key)} needs ${label("workers")}`;
      return wrong([key], `${found}: expected such as ${flagOf("workers")} 2`);
    }
  }
  if (threads && said.logFile !== undefined) {
    const both = `${label("threads")} and ${label("logFile")}`;
    return wrong(
      ["threads", "logFile"],
      `${both} do not go together: what a thread prints goes where its process prints`,
    );
  }
  if (said.watchdog !== undefined && said.watchdog < LEAST_WATCHDOG_MS) {
    const found = `${label("watchdog")} is ${said.watchdog} ms`;
    return wrong(["watchdog"], `${found}: expected at least ${LEAST_WATCHDOG_MS} ms`);
  }
  if (threads && said.maxMemory !== undefined) {
    const both = `${label("threads")} and ${label("maxMemory")}`;
    return wrong(
      ["threads", "maxMemory"],
      `${both} do not go together: threads share the memory of one process`,
    );
  }
  if (all.control === false && all.statusPort !== undefined) {
    const found = `${label("statusPort")} needs the control socket, which tells the token of the page`;
    return wrong(["control", "statusPort"], `${found}: expected it without --no-control`);
  }
  const most = all.stopWithin * LAME_DUCK_SHARE;
  if (all.lameDuck > most) {
    const found = `${label("lameDuck")} is ${all.lameDuck} ms`;
    const expected = `at most ${most} ms, half of ${label("stopWithin")}`;
    return wrong(["lameDuck", "stopWithin"], `${found}: expected ${expected}`);
  }
  if (health && health.port === all.port && unix === undefined) {
    const found = `${label("health")} is ${all.port}, which is the port of the application`;
    return wrong(["health", "port"], `${found}: expected another`);
  }
  return undefined;
}
/** The options that the environment sets; an empty variable counts as not set. */
function environment(env: Readonly<Record<string, string | undefined>>): Given {
  const read = OPTIONS.flatMap((option): [Key, unknown][] => {
    const raw = option.env === undefined ? undefined : env[option.env];
    if (raw === undefined || raw === "") return [];
    const value = option.kind.read(raw);
    if (value === undefined) {
      throw new ConfigError(wrongValue(option, `${option.env} in the environment`, raw));
    }
    return [[option.key, value]];
  });
  return Object.fromEntries(read);
}

type Defaults = Pick<ServeValues, "host" | "port" | "lameDuck" | "keepAlive" | "startWithin" | "stopWithin">;

/** The defaults, read as if they had been typed. */
function defaults(): Partial<ServeValues> & Defaults {
  const typed = OPTIONS.flatMap((option) =>
    option.default === undefined ? [] : [[option.key, option.kind.read(option.default)]]
  );
  return Object.fromEntries(typed) as Defaults;
}
