/**
 * `sitebus serve [module]`.
 * @module
 */
import { Argument, type Command, Option } from "commander";
import { addOptions, givenBy } from "../add_options.ts";
import { COMMANDS } from "../command_list.ts";
import { flagOf, isSwitch, MODULE, OPTION_GROUPS, OPTIONS } from "../options.ts";

const ABOUT = `sitebus serve: serves an application over HTTP, and stops it in order

  sitebus serve                                     the module that it finds
  sitebus serve app.ts                              at http://127.0.0.1:3000/
  sitebus serve app.ts -p 8080 --host 0.0.0.0       in a container
  sitebus serve app.ts --health --lame-duck 5s      behind a load balancer
  sitebus serve app.ts --workers auto               by all processors`;

/** The words in lines of at most 78 columns. */
function wrapped(words: readonly string[]): string {
  const lines = [""];
  for (const [index, word] of words.entries()) {
    const text = index === words.length - 1 ? word : `${word},`;
    const line = `${lines.at(-1)} ${text}`.trim();
    if (line.length <= 78) lines[lines.length - 1] = line;
    else lines.push(text);
  }
  return lines.join("\n");
}

const MORE = `
The module's default export says what it is:
  export default (request) => new Response("Hello")     a fetch function
  export default app                                    Hono, Express, H3, …
  export default { node: (req, res) => res.end("Hi") }  Node's style
It may also bring what runs beside the server, before anything starts:
  export function setup(bus) {
    bus.use({ name: "db", start: connect, stop: (db) => db.close() });
  }

Without a module it takes the first of app, server and index, with .ts, .js,
.mjs or .mts, here and then in src/, else "main" of package.json.

Options may also stand in sitebus.config.ts, .js or .json of the directory, by
their names in camelCase. The command line wins over the file, and the file
over PORT and HOST of the environment. What the file turns on is turned off by
${wrapped(OPTIONS.filter(isSwitch).map(({ key }) => flagOf(key).replace("--", "--no-")))}:
  export default { module: "./app.ts", port: 8080, lameDuck: "5s" };

Ctrl-C or SIGTERM: no new connections, requests in flight finish, components
stop in reverse order, and the exit code is 0. A second one ends it at once.
With --workers, SIGHUP without a terminal brings new code and configuration:
each worker is replaced by a new one that is ready, and no request is lost.
Exit codes: 64 wrong usage, 70 a failure, 78 a config file, certificate or key
that cannot be used, 130 ended by a second Ctrl-C.`;

/** Adds the command; `words` are the arguments of `sitebus`, for a warning that repeats them. */
export function serveCommand(program: Command, words: readonly string[]): void {
  const command = program.command("serve").summary(COMMANDS.serve).description(ABOUT)
    .addArgument(new Argument("[module]", MODULE.what))
    .addHelpText("after", MORE)
    .addHelpOption(new Option("-h, --help", "this page").helpGroup("Other:"));
  addOptions(command, OPTION_GROUPS);
  command.action(async (module: string | undefined, options: Record<string, unknown>) => {
    const given = givenBy([MODULE, ...OPTION_GROUPS.flatMap(({ options }) => options)], {
      ...options,
      ...module && { module },
    });
    // Loaded only now: the help must not wait for the server to load.
    const { serve } = await import("../serve.ts");
    await serve(given, words);
  });
}
