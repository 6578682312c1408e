import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { COMMANDS, parseArguments, UsageError } from "../../cli/arguments.ts";

/** What `sitebus serve app.ts …` was given beside the module. */
function given(...args: string[]): unknown {
  const command = parseArguments(["serve", "app.ts", ...args]);
  if (command.name !== "serve") throw new Error(`It is ${command.name}`);
  const { module, ...rest } = command.given;
  expect(module).toBe("app.ts");
  return rest;
}

describe("the command line", () => {
  test("says what is typed and nothing else", () => {
    expect(parseArguments(["serve", "app.ts"])).toEqual({ name: "serve", given: { module: "app.ts" } });
    expect(parseArguments(["serve"])).toEqual({ name: "serve", given: {} });
  });

  test("takes options before and after the module, with a space or an equals sign", () => {
    const args = [
      "serve",
      "--port",
      "0",
      "app.ts",
      "--host=0.0.0.0",
      "--lame-duck=5s",
      "--stop-within",
      "2m",
    ];
    expect(parseArguments(args)).toEqual({
      name: "serve",
      given: { module: "app.ts", port: 0, host: "0.0.0.0", lameDuck: 5000, stopWithin: 120_000 },
    });
  });

  test("takes files, a unix socket, and what is on or off", () => {
    const files = ["--tls-cert", "a.crt", "--tls-key=a.key", "--unix", "/run/app.sock", "--config", "my.ts"];
    expect(given(...files, "--quiet", "--json")).toEqual({
      tlsCert: "a.crt",
      tlsKey: "a.key",
      unix: "/run/app.sock",
      config: "my.ts",
      quiet: true,
      json: true,
    });
    expect(given("--no-quiet", "--no-json", "--no-health")).toEqual({
      quiet: false,
      json: false,
      health: false,
    });
  });

  test.each([["1ms", 1], ["500ms", 500], ["10s", 10_000], ["1.5s", 1500], ["2m", 120_000], [
    "1440m",
    86_400_000,
  ]])("reads the time %s", (typed, ms) => {
    expect(given("--start-within", typed)).toEqual({ startWithin: ms });
  });

  test.each([["0s", 0], ["0ms", 0], ["5s", 5000]])("reads the lame duck time %s", (typed, ms) => {
    expect(given("--lame-duck", typed)).toEqual({ lameDuck: ms });
  });

  test("takes an IPv6 address with or without brackets", () => {
    for (const host of ["::1", "[::1]"]) expect(given("--host", host)).toEqual({ host: "::1" });
  });

  test("takes everything after -- as it is", () => {
    expect(parseArguments(["serve", "--", "--app.ts"])).toEqual({
      name: "serve",
      given: { module: "--app.ts" },
    });
  });

  test("takes the last one where an option is given twice", () => {
    expect(given("--port", "1", "--port=2")).toEqual({ port: 2 });
  });
});

describe("--health", () => {
  test.each<[string, string[], unknown]>([
    ["alone", ["--health"], { prefix: "" }],
    ["with a port", ["--health", "9090"], { prefix: "", port: 9090 }],
    ["with a port in the same word", ["--health=9090"], { prefix: "", port: 9090 }],
    ["with a path", ["--health", "/internal"], { prefix: "/internal" }],
    ["with a path in the same word", ["--health=/a/b-c/"], { prefix: "/a/b-c" }],
    ["with the path of the root", ["--health=/"], { prefix: "" }],
  ])("%s", (_, args, health) => {
    expect(given(...args)).toEqual({ health });
  });

  test("leaves the next word alone where it is a module or an option", () => {
    expect(parseArguments(["serve", "--health", "app.ts"])).toEqual({
      name: "serve",
      given: { module: "app.ts", health: { prefix: "" } },
    });
    expect(given("--health", "--quiet")).toEqual({ health: { prefix: "" }, quiet: true });
  });

  test("leaves the next word alone where it is the path of a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "sitebus-arguments-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const module = join(folder, "app.mjs");
    writeFileSync(module, "");
    expect(parseArguments(["serve", "--health", module])).toEqual({
      name: "serve",
      given: { module, health: { prefix: "" } },
    });
    // A folder is no module.
    expect(given("--health", folder)).toEqual({ health: { prefix: folder } });
  });
});

test.each<[string[], string | undefined]>([
  [["--help"], undefined],
  [["-h"], undefined],
  [["serve", "--help"], "serve"],
  [["serve", "app.ts", "-h", "--wrong"], "serve"],
  [["completions", "-h"], "completions"],
])("%j asks for help", (args, about) => {
  expect(parseArguments(args)).toEqual({ name: "help", ...about && { about } });
});

test.each([["--version"], ["-v"]])("%s asks for the version", (...args) => {
  expect(parseArguments(args)).toEqual({ name: "version" });
});

test.each(["bash", "zsh", "fish"])("completions for %s", (shell) => {
  expect(parseArguments(["completions", shell])).toEqual({ name: "completions", shell });
});

const KNOWN = "--port, --host, --unix, --tls-cert, --tls-key, --health, --lame-duck, --start-within, " +
  "--stop-within, --quiet, --json, --config";
const TIME = "a time from 1ms to 1440m, such as 500ms, 10s or 2m";

test.each<[string[], string]>([
  [[], "No command: expected serve, completions, --help or --version"],
  [["start"], `Unknown command "start": expected serve, completions, --help or --version`],
  [["completions"], "completions has no shell: expected one of bash, zsh, fish"],
  [["completions", "tcsh"], `Unknown shell "tcsh": expected one of bash, zsh, fish`],
  [["completions", "zsh", "fish"], `Unknown argument "fish": expected one of bash, zsh, fish`],
  [["serve", "a.ts", "b.ts"], `Unknown argument "b.ts": expected one module`],
  [["serve", "a.ts", "--prot", "1"], `Unknown option "--prot": expected one of ${KNOWN}`],
  [["serve", "a.ts", "-p", "1"], `Unknown option "-p": expected one of ${KNOWN}`],
  [["serve", "a.ts", "--no-port"], `Unknown option "--no-port": expected one of ${KNOWN}`],
  [["serve", "a.ts", "--port"], `--port has no value: expected a port from 0 to 65535`],
  [["serve", "a.ts", "--unix"], `--unix has no value: expected the path of a file`],
  [["serve", "a.ts", "--unix="], `--unix is "": expected the path of a file`],
  [["serve", "a.ts", "--quiet=yes"], `--quiet takes no value: expected --quiet alone`],
  [["serve", "a.ts", "--no-health=1"], `--no-health takes no value: expected --no-health alone`],
  ...["x", "", "-1", "65536", "1.5", "1e3", " 80"].map((port): [string[], string] => [
    ["serve", "a.ts", "--port", port],
    `--port is "${port}": expected a port from 0 to 65535`,
  ]),
  ...["", "a b", "http://x/", "[::1"].map((host): [string[], string] => [
    ["serve", "a.ts", `--host=${host}`],
    `--host is "${host}": expected a name or an address, such as 0.0.0.0`,
  ]),
  ...["", "10", "10h", "-1s", "0s", "0.1ms", "1441m", "NaNs", "1 s", "Infinitys"].map((
    time,
  ): [string[], string] => [
    ["serve", "a.ts", "--stop-within", time],
    `--stop-within is "${time}": expected ${TIME}`,
  ]),
  ...["", "0", "65536", "health", "//", "/a b", "/a?b"].map((health): [string[], string] => [
    ["serve", "a.ts", `--health=${health}`],
    `--health is "${health}": expected a path such as /internal, or a port from 1 to 65535`,
  ]),
])("refuses %j", (args, message) => {
  const about = COMMANDS.find((command) => command === args[0]);
  expect(() => parseArguments(args)).toThrow(new UsageError(message, about));
});
