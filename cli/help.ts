/**
 * What `sitebus --help` and `sitebus --version` print.
 * @module
 */
import { flagOf, OPTION_GROUPS, type OptionGroup, type ServeOption } from "./options.ts";

/** The version of this package, as in its package.json. */
export const VERSION = "0.1.0";

/** The widest line, so that it fits the narrowest terminal. */
const WIDTH = 80;

/** Where what an option is begins. */
const COLUMN = 26;

/** How to use `sitebus`. */
export const HELP: string = `sitebus ${VERSION}: runs an application that starts, drains and stops in order

  sitebus serve app.ts                serve the application in app.ts
  sitebus serve app.ts --port 8080    on another port
  sitebus serve --help                the module, and all options

Commands:
  serve <module>                serve an application over HTTP
  completions bash|zsh|fish     print a script that completes in your shell
  --help, -h                    this page
  --version, -v                 the version
`;

/** How to use `sitebus completions`. */
export const COMPLETIONS_HELP: string = `sitebus completions: completes "sitebus" in your shell

  eval "$(sitebus completions bash)"      in ~/.bashrc
  eval "$(sitebus completions zsh)"       in ~/.zshrc, after compinit
  sitebus completions fish | source       in ~/.config/fish/config.fish
`;

/** How to use `sitebus serve`. */
export const SERVE_HELP: string = `sitebus serve: serves an application over HTTP, and stops it in order

  sitebus serve app.ts                              at http://127.0.0.1:3000/
  sitebus serve app.ts --port 8080 --host 0.0.0.0   in a container
  sitebus serve app.ts --health --lame-duck 5s      behind a load balancer
  sitebus serve                                     by a sitebus.config.ts

Usage: sitebus serve <module> [options]

The module's default export says what it is:
  export default (request) => new Response("Hello")     a fetch function
  export default app                                    Hono, H3, Elysia, …
  export default { node: (req, res) => res.end("Hi") }  Node's style, Express
It may also bring what runs beside the server, before anything starts:
  export function setup(bus) {
    bus.use({ name: "db", start: connect, stop: (db) => db.close() });
  }

${OPTION_GROUPS.map(groupHelp).join("\n")}
Options may also stand in sitebus.config.ts, .js or .json of the directory, by
their names in camelCase; the command line wins, and --no-quiet, --no-json and
--no-health turn off what the file turns on:
  export default { module: "./app.ts", port: 8080, lameDuck: "5s" };

Ctrl-C or SIGTERM: no new connections, requests in flight finish, components
stop in reverse order, and the exit code is 0. A second one ends it at once.
Exit codes: 64 wrong usage, 70 a failure, 78 a config file, certificate or key
that cannot be used, 130 ended by a second Ctrl-C.
`;

function groupHelp({ title, options }: OptionGroup): string {
  return `${title}:\n${options.map(optionHelp).join("")}`;
}

function optionHelp({ key, value, default: typed, what, more }: ServeOption): string {
  const left = `  ${flagOf(key)}${value === undefined ? "" : ` ${value}`}`;
  const text = `${what}${more === undefined ? "" : `; ${more}`}${
    typed === undefined ? "" : ` (default ${typed})`
  }`;
  return wrapped(text, WIDTH - COLUMN).map((line, at) => `${(at === 0 ? left : "").padEnd(COLUMN)}${line}\n`)
    .join("");
}

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) as string;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
