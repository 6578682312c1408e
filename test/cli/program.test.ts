import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Command } from "commander";
import { addOptions, givenBy, separated } from "../../cli/add_options.ts";
import { COMMANDS } from "../../cli/command_list.ts";
import { MODULE, OPTION_GROUPS, OPTIONS } from "../../cli/options.ts";
import { runProgram } from "../../cli/program.ts";
import { UsageError } from "../../cli/usage_error.ts";

/** The values of `sitebus serve` with these words. */
function parsed(...words: string[]): unknown {
  const command = new Command("serve").argument("[module]").exitOverride();
  addOptions(command, OPTION_GROUPS);
  command.parse(separated(OPTIONS, words), { from: "user" });
  const [module] = command.args;
  return givenBy([MODULE, ...OPTIONS], { ...command.opts(), ...module !== undefined && { module } });
}

/** The values of `sitebus serve app.ts …`, without the module. */
function given(...words: string[]): unknown {
  const { module, ...rest } = parsed("app.ts", ...words) as { module?: string };
  expect(module).toBe("app.ts");
  return rest;
}

describe("the command line", () => {
  test("gives the values that are typed, and no defaults", () => {
    expect(parsed("app.ts")).toEqual({ module: "app.ts" });
    expect(parsed()).toEqual({});
  });

  test("takes options before and after the module, with a space or an equals sign", () => {
    const words = ["--port", "0", "app.ts", "--host=0.0.0.0", "--lame-duck=5s", "--stop-within", "2m"];
    expect(parsed(...words)).toEqual({
      ...{ module: "app.ts", port: 0, host: "0.0.0.0", lameDuck: 5000, stopWithin: 120_000 },
    });
  });

  test.each([["-p", "8080"], ["-p8080"]])("takes the port by its short flag: %s %s", (...words) => {
    expect(given(...words)).toEqual({ port: 8080 });
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
    expect(parsed("--", "--app.ts")).toEqual({ module: "--app.ts" });
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
    expect(parsed("--health", "app.ts")).toEqual({ module: "app.ts", health: { prefix: "" } });
    expect(given("--health", "--quiet")).toEqual({ health: { prefix: "" }, quiet: true });
  });

  test("leaves the next word alone where it is the path of a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "sitebus-arguments-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const module = join(folder, "app.mjs");
    writeFileSync(module, "");
    expect(parsed("--health", module)).toEqual({ module, health: { prefix: "" } });
    // A folder is no module.
    expect(given("--health", folder)).toEqual({ health: { prefix: folder } });
  });
});

const TIME = "a time from 1ms to 1440m, such as 500ms, 10s or 2m";

test.each<[string[], string]>([
  [["start"], 'Unknown command "start"'],
  [["help", "srve"], 'Unknown command "srve": did you mean "serve"?'],
  [["srve", "--help"], 'Unknown command "srve": did you mean "serve"?'],
  [["toString"], 'Unknown command "toString"'],
  [["srve"], 'Unknown command "srve": did you mean "serve"?'],
  [
    ["test/cli/program.test.ts"],
    'Unknown command "test/cli/program.test.ts": did you mean "sitebus serve test/cli/program.test.ts"?',
  ],
  [["completions"], "The shell is missing"],
  [
    ["completions", "tcsh"],
    'The shell is "tcsh": expected one of bash, zsh, fish, powershell',
  ],
  [["completions", "zsh", "fish"], '"completions" has 2 arguments: expected 1 at most'],
  [["serve", "a.ts", "b.ts"], '"serve" has 2 arguments: expected 1 at most'],
  [["serve", "a.ts", "--prot", "1"], 'Unknown option "--prot": did you mean "--port"?'],
  [["serve", "a.ts", "--no-port"], 'Unknown option "--no-port": did you mean "--port"?'],
  [["serve", "a.ts", "--port"], '--port has no value: expected "--port <port>"'],
  [["serve", "a.ts", "--unix"], '--unix has no value: expected "--unix <path>"'],
  [["serve", "a.ts", "--unix="], '--unix is "": expected the path of a file'],
  [["serve", "a.ts", "--quiet=yes"], 'Unknown option "--quiet=yes"'],
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
])("refuses %j", async (words, message) => {
  await expect(runProgram(words)).rejects.toThrow(new UsageError(message));
});

test("every command has a help, and is named in the help of the program", async () => {
  const printed: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) =>
    printed.push(String(text)) > 0
  );
  onTestFinished(() => write.mockRestore());
  await runProgram(["--help"]);
  const [program = ""] = printed.splice(0);
  for (const name of Object.keys(COMMANDS)) {
    expect(program).toMatch(new RegExp(`^  ${name}\\b`, "m"));
    for (const words of [["help", name], [name, "--help"], [name, "-h"]]) {
      await runProgram(words);
      expect(printed.splice(0).join("")).toMatch(new RegExp(`^Usage: sitebus ${name} `));
    }
  }
});
