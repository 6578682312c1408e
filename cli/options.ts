/**
 * The options of `sitebus serve`, once: the parser, the config file, the help and the completions are all made of
 * this table.
 * @module
 */
import {
  ACCOUNT,
  COUNT,
  FILE,
  FLAG,
  HEALTH,
  type Health,
  HOST,
  type Kind,
  NAME,
  PORT,
  SIZE,
  TIME,
  TIME_OR_NONE,
  UMASK,
  WORKERS,
} from "./_values.ts";
import type { MountedModule } from "./apps.ts";
import type { ServeConfig } from "./serve_config.ts";

/** The values of the command line or of a config file, read; times in milliseconds. */
export interface ServeValues extends Readonly<Record<keyof ServeConfig, unknown>> {
  /** The application module: a path, or a `file:` URL. */
  readonly module: string;
  /** Several modules by their paths, in place of one; from a config file alone. */
  readonly apps: readonly MountedModule[];
  readonly port: number;
  readonly host: string;
  readonly unix: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly health: Health | false;
  readonly lameDuck: number;
  readonly keepAlive: number;
  readonly workers: number | "auto";
  readonly threads: boolean;
  readonly maxRequests: number;
  readonly maxMemory: number;
  readonly serialize: boolean;
  readonly watch: boolean;
  readonly daemon: boolean;
  readonly logFile: string;
  readonly startWithin: number;
  readonly stopWithin: number;
  readonly control: boolean;
  readonly statusPort: number;
  readonly name: string;
  readonly pidFile: string;
  readonly user: string;
  readonly group: string;
  readonly umask: number;
  readonly watchdog: number;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly reload: boolean;
  readonly config: string;
}

/** One option. */
export interface ServeOption {
  /** Its key in a config file; on the command line, "tlsCert" is "--tls-cert". */
  readonly key: keyof ServeValues;
  readonly kind: Kind<unknown>;
  /** A short flag, such as "-p". */
  readonly short?: string;
  /** The name of its value in the help: "<port>"; "[path|port]" may be left out. A flag has no value. */
  readonly value?: string;
  /** The value that is used where the option stands without one, as it would be typed. */
  readonly bare?: string;
  /** Its default value, as it would be typed. */
  readonly default?: string;
  /** The environment variable that says it where neither the command line nor the config file does. */
  readonly env?: string;
  /** Whether it is on unless it is turned off: what is typed, and shown, is "--no-…". */
  readonly isOn?: true;
  /** Its description, in few words. */
  readonly what: string;
  /** A further line of the help. */
  readonly more?: string;
}

/** Options that belong together. */
export interface OptionGroup {
  readonly title: string;
  readonly options: readonly ServeOption[];
}

/** The module, which is an argument on the command line and a key in a config file. */
export const MODULE: ServeOption = {
  key: "module",
  kind: { ...FILE, expected: "the path of a module, such as ./app.ts" },
  what: "the application",
};

/** Several modules, which only a config file can name; `readApps` reads them. */
const APPS: ServeOption = {
  key: "apps",
  kind: { expected: "modules by their paths", read: () => undefined },
  what: "the applications by their paths",
};

/** The options, as the help shows them. */
export const OPTION_GROUPS: readonly OptionGroup[] = [
  {
    title: "Where it listens",
    options: [
      {
        key: "port",
        kind: PORT,
        short: "-p",
        env: "PORT",
        value: "<port>",
        default: "3000",
        what: "the port to listen on",
        more: "0 picks a free one",
      },
      {
        key: "host",
        kind: HOST,
        env: "HOST",
        value: "<host>",
        default: "127.0.0.1",
        what: "the name or address to listen on",
        more: "a container needs 0.0.0.0, which is every interface",
      },
      {
        key: "unix",
        kind: FILE,
        value: "<path>",
        what: "a unix socket instead of host and port",
      },
      {
        key: "tlsCert",
        kind: FILE,
        value: "<file>",
        what: "serve HTTPS with this certificate",
        more: "PEM, its chain below it",
      },
      {
        key: "tlsKey",
        kind: FILE,
        value: "<file>",
        what: "the private key of the certificate",
        more: "PEM, not encrypted",
      },
    ],
  },
  {
    title: "Behind a load balancer",
    options: [
      {
        key: "health",
        kind: HEALTH,
        value: "[path|port]",
        bare: "/",
        what: "answer /livez, /readyz and /startupz",
        more:
          "a path such as /internal stands before them; a port such as 9090 is one of their own. The next " +
          'word is the value where it is a number, or begins with "/" and is no file',
      },
      {
        key: "lameDuck",
        kind: TIME_OR_NONE,
        value: "<time>",
        default: "0s",
        what: "how long to serve on when asked to stop",
        more:
          "not ready meanwhile, so that nothing is sent any more when it closes. Half of --stop-within at most",
      },
      {
        key: "keepAlive",
        kind: TIME,
        value: "<time>",
        default: "65s",
        what: "how long a connection may be idle",
        more: "more than the load balancer allows it to be, so that it is the one that closes",
      },
    ],
  },
  {
    title: "By several processes or threads",
    options: [
      {
        key: "workers",
        kind: WORKERS,
        value: "<n|auto>",
        what: "serve by so many processes on one socket",
        more: "auto: as many as there are processors. SIGHUP without a terminal replaces them one by one",
      },
      { key: "threads", kind: FLAG, what: "by threads of one process instead" },
      {
        key: "maxRequests",
        kind: COUNT,
        value: "<n>",
        what: "replace a worker after so many connections",
      },
      {
        key: "maxMemory",
        kind: SIZE,
        value: "<size>",
        what: "replace a worker that has more memory, such as 512MB",
      },
      {
        key: "serialize",
        kind: FLAG,
        what: "one request at a time in each process or thread",
        more: "for a module whose needs say so",
      },
    ],
  },
  {
    title: "How long it may take, such as 500ms, 10s or 2m",
    options: [
      {
        key: "startWithin",
        kind: TIME,
        value: "<time>",
        default: "30s",
        what: "the time for the components to start",
      },
      {
        key: "stopWithin",
        kind: TIME,
        value: "<time>",
        default: "25s",
        what: "the time for the whole stop",
        more:
          "70 % of it at most for lame duck and requests in flight, 15 % to stop components, the rest to " +
          "clean up",
      },
    ],
  },
  {
    title: "Asking it while it runs",
    options: [
      {
        key: "control",
        kind: FLAG,
        isOn: true,
        what: "open no control socket",
        more: "without it, sitebus ps and sitebus ctl do not find this process",
      },
      {
        key: "name",
        kind: NAME,
        value: "<name>",
        what: "the name to find it by",
        more: "else that of the module, or of its directory",
      },
      {
        key: "statusPort",
        kind: PORT,
        value: "<port>",
        what: "a status page for a browser, on 127.0.0.1",
        more:
          "its token is $SITEBUS_STATUS_TOKEN, or a new one; sitebus ctl <name> page tells its address with it",
      },
    ],
  },
  {
    title: "How it runs",
    options: [
      {
        key: "watch",
        kind: FLAG,
        what: "serve the new code when a file that was loaded changes",
        more: "the new process is ready before the old one ends; one that fails leaves the old one serving",
      },
      {
        key: "daemon",
        kind: FLAG,
        what: "serve in the background, and return when it is ready",
      },
      {
        key: "logFile",
        kind: FILE,
        value: "<file>",
        what: "all that it prints goes there",
        more: "SIGUSR1 opens the file again, after a rotation",
      },
    ],
  },
  {
    title: "What it says",
    options: [
      { key: "quiet", kind: FLAG, what: "nothing but warnings and errors" },
      { key: "json", kind: FLAG, what: "one JSON object a line", more: "for log collectors" },
    ],
  },
  {
    title: "As a service of the operating system",
    options: [
      {
        key: "pidFile",
        kind: FILE,
        value: "<file>",
        what: "write the number of the process there",
        more: "a second one does not start while the first is running",
      },
      {
        key: "user",
        kind: ACCOUNT,
        value: "<user>",
        what: "run as this user, once the port is open",
        more:
          "in no other group than that user's own; with --workers the workers do, not the process that holds the port",
      },
      { key: "group", kind: ACCOUNT, value: "<group>", what: "run as this group, too" },
      {
        key: "umask",
        kind: UMASK,
        value: "<digits>",
        what: "the permissions that new files do not get, such as 027",
      },
      {
        key: "watchdog",
        kind: TIME,
        value: "<time>",
        what: "end the process where its event loop stands still so long",
        more: "at least 300ms; a stop is watched in any case",
      },
    ],
  },
  {
    title: "Other",
    options: [
      {
        key: "config",
        kind: FILE,
        value: "<file>",
        what: "read this config file",
        more: "not sitebus.config.ts, .js or .json of this directory",
      },
      {
        key: "reload",
        kind: FLAG,
        what: "reload when the config file, certificate or key changes",
        more: "else by SIGHUP, which is a reload where no terminal is left",
      },
    ],
  },
];

/** The options, one after another. */
export const OPTIONS: readonly ServeOption[] = OPTION_GROUPS.flatMap(({ options }) => options);

/** The keys of a config file. */
export const CONFIG_OPTIONS: readonly ServeOption[] = [
  MODULE,
  APPS,
  ...OPTIONS.filter(({ key }) => key !== "config"),
];

/** "tlsCert" → "--tls-cert". */
export function flagOf(key: keyof ServeValues): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The flag that is typed: "--port", and "--no-control" for what is on. */
export function typedFlag({ key, isOn }: ServeOption): string {
  return isOn ? flagOf(key).replace("--", "--no-") : flagOf(key);
}

/** Whether an option can be there without a value: then it can also be turned off, by `--no-`. */
export function isSwitch({ value }: ServeOption): boolean {
  return value === undefined || value.startsWith("[");
}

/** Says that a value is wrong, in the same words wherever it was given. */
export function wrongValue({ kind }: ServeOption, label: string, raw: unknown): string {
  return `${label} is ${typeof raw === "string" ? `"${raw}"` : show(raw)}: expected ${kind.expected}`;
}

function show(raw: unknown): string {
  if (raw === null || typeof raw === "number" || typeof raw === "boolean") return String(raw);
  return Array.isArray(raw) ? "a list" : `a${typeof raw === "object" ? "n" : ""} ${typeof raw}`;
}
