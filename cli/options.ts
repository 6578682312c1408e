/**
 * The options of `sitebus serve`, once: the parser, the config file, the help and the completions are all made of
 * this table.
 * @module
 */
import {
  COUNT,
  FILE,
  FLAG,
  HEALTH,
  type Health,
  HOST,
  type Kind,
  PORT,
  SIZE,
  TIME,
  TIME_OR_NONE,
  WORKERS,
} from "./_values.ts";
import type { ServeConfig } from "./serve_config.ts";

/** What the command line or a config file says, read; times in milliseconds. */
export interface ServeValues extends Readonly<Record<keyof ServeConfig, unknown>> {
  /** The application module: a path, or a `file:` URL. */
  readonly module: string;
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
  readonly startWithin: number;
  readonly stopWithin: number;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly config: string;
}

/** One option. */
export interface ServeOption {
  /** Its key in a config file; on the command line, "tlsCert" is "--tls-cert". */
  readonly key: keyof ServeValues;
  readonly kind: Kind<unknown>;
  /** A short flag, such as "-p". */
  readonly short?: string;
  /** What the help calls its value: "<port>"; "[path|port]" may be left out. A flag has no value. */
  readonly value?: string;
  /** The value that is used where the option stands without one, as it would be typed. */
  readonly bare?: string;
  /** Its default value, as it would be typed. */
  readonly default?: string;
  /** The environment variable that says it where neither the command line nor the config file does. */
  readonly env?: string;
  /** Its description, in few words. */
  readonly what: string;
  /** What the help says of it besides. */
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
    title: "What it says",
    options: [
      { key: "quiet", kind: FLAG, what: "nothing but warnings and errors" },
      { key: "json", kind: FLAG, what: "one JSON object a line", more: "for log collectors" },
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
    ],
  },
];

/** The options, one after another. */
export const OPTIONS: readonly ServeOption[] = OPTION_GROUPS.flatMap(({ options }) => options);

/** What may stand in a config file. */
export const CONFIG_OPTIONS: readonly ServeOption[] = [
  MODULE,
  ...OPTIONS.filter(({ key }) => key !== "config"),
];

/** "tlsCert" → "--tls-cert". */
export function flagOf(key: keyof ServeValues): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
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
