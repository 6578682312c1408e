/**
 * What was typed after `sitebus`, checked: a wrong word is told at once, by name.
 * @module
 */

/** What `sitebus` was asked to do. */
export type Command =
  | { readonly name: "help" }
  | { readonly name: "version" }
  | ({ readonly name: "serve" } & ServeOptions);

/** The options of `sitebus serve`; times in milliseconds. */
export interface ServeOptions {
  /** The application module, as typed: a path from the working directory, or a `file:` URL. */
  readonly module: string;
  /** The name or address to listen on. Default "127.0.0.1". */
  readonly host: string;
  /** The port to listen on; 0 picks a free one. Default 3000. */
  readonly port: number;
  /** For how long components may start. Default 30 s. */
  readonly startWithin: number;
  /** For how long the whole stop may take, from the signal to the end of the process. Default 25 s. */
  readonly stopWithin: number;
}

/** The command line cannot be understood: exit code 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const OPTIONS = ["--port", "--host", "--start-within", "--stop-within"];

/**
 * Reads the arguments that follow the program's own path.
 * @throws {UsageError} Naming the first argument that is wrong and what was expected.
 */
export function parseArguments(args: readonly string[]): Command {
  const [command, ...rest] = args;
  if (command === "--help" || command === "-h") return { name: "help" };
  if (command === "--version" || command === "-v") return { name: "version" };
  if (command === "serve") return parseServe(rest);
  const found = command === undefined ? "No command" : `Unknown command "${command}"`;
  throw new UsageError(`${found}: expected serve, --help or --version`);
}

function parseServe(args: readonly string[]): Command {
  const modules: string[] = [];
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === "--help" || word === "-h") return { name: "help" };
    if (word === "--") {
      modules.push(...args.slice(i + 1));
      break;
    }
    if (!word.startsWith("-")) {
      modules.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const option = equals === -1 ? word : word.slice(0, equals);
    if (!OPTIONS.includes(option)) {
      throw new UsageError(`Unknown option "${option}": expected one of ${OPTIONS.join(", ")}`);
    }
    const value = equals === -1 ? args[++i] : word.slice(equals + 1);
    if (value === undefined) throw new UsageError(`${option} has no value: expected ${expected(option)}`);
    given.set(option, value);
  }
  const [module, second] = modules;
  if (!module) throw new UsageError("serve has no module: expected the path of one, such as ./app.ts");
  if (second !== undefined) throw new UsageError(`Unknown argument "${second}": expected one module`);
  return {
    name: "serve",
    module,
    host: parseHost(given.get("--host") ?? "127.0.0.1"),
    port: parsePort(given.get("--port") ?? "3000"),
    startWithin: parseDuration("--start-within", given.get("--start-within") ?? "30s"),
    stopWithin: parseDuration("--stop-within", given.get("--stop-within") ?? "25s"),
  };
}

function parseHost(value: string): string {
  // An IPv6 address may be typed as it stands in a URL.
  const host = /^\[(.*)\]$/.exec(value)?.[1] ?? value;
  if (/^[\w.:%-]+$/.test(host)) return host;
  throw new UsageError(`--host is "${value}": expected ${expected("--host")}`);
}

function parsePort(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65535) return port;
  throw new UsageError(`--port is "${value}": expected ${expected("--port")}`);
}

const MS = { ms: 1, s: 1000, m: 60_000 };

function parseDuration(option: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(value);
  const ms = match ? Math.round(Number(match[1]) * MS[match[2] as keyof typeof MS]) : 0;
  if (ms >= 1 && ms <= MS.m * 1440) return ms;
  throw new UsageError(`${option} is "${value}": expected ${expected(option)}`);
}

function expected(option: string): string {
  if (option === "--port") return "a port from 0 to 65535";
  if (option === "--host") return "a name or an address, such as 0.0.0.0";
  return "a time from 1ms to 1440m, such as 500ms, 10s or 2m";
}
