import { describe, expect, test } from "vitest";
import { parseArguments, UsageError } from "../../cli/arguments.ts";

const DEFAULTS = {
  name: "serve",
  module: "app.ts",
  host: "127.0.0.1",
  port: 3000,
  startWithin: 30_000,
  stopWithin: 25_000,
};

describe("parseArguments", () => {
  test("has a default for all but the module", () => {
    expect(parseArguments(["serve", "app.ts"])).toEqual(DEFAULTS);
  });

  test("takes options before and after the module, with a space or an equals sign", () => {
    const args = [
      "serve",
      "--port",
      "0",
      "app.ts",
      "--host=0.0.0.0",
      "--start-within",
      "500ms",
      "--stop-within=2m",
    ];
    const options = { port: 0, host: "0.0.0.0", startWithin: 500, stopWithin: 120_000 };
    expect(parseArguments(args)).toEqual({ ...DEFAULTS, ...options });
  });

  test.each([["1ms", 1], ["500ms", 500], ["10s", 10_000], ["1.5s", 1500], ["2m", 120_000], [
    "1440m",
    86_400_000,
  ]])(
    "reads the time %s",
    (typed, startWithin) => {
      expect(parseArguments(["serve", "app.ts", "--start-within", typed])).toEqual({
        ...DEFAULTS,
        startWithin,
      });
    },
  );

  test("takes an IPv6 address with or without brackets", () => {
    for (const host of ["::1", "[::1]"]) {
      expect(parseArguments(["serve", "app.ts", "--host", host])).toEqual({ ...DEFAULTS, host: "::1" });
    }
  });

  test("takes everything after -- as it is", () => {
    expect(parseArguments(["serve", "--", "--app.ts"])).toEqual({ ...DEFAULTS, module: "--app.ts" });
  });

  test.each([["--help"], ["-h"], ["serve", "--help"], ["serve", "app.ts", "-h", "--wrong"]])(
    "%j asks for help",
    (...args) => {
      expect(parseArguments(args)).toEqual({ name: "help" });
    },
  );

  test.each([["--version"], ["-v"]])("%s asks for the version", (...args) => {
    expect(parseArguments(args)).toEqual({ name: "version" });
  });

  test.each<[string[], string]>([
    [[], `No command: expected serve, --help or --version`],
    [["start"], `Unknown command "start": expected serve, --help or --version`],
    [["serve"], `serve has no module: expected the path of one, such as ./app.ts`],
    [["serve", ""], `serve has no module: expected the path of one, such as ./app.ts`],
    [["serve", "a.ts", "b.ts"], `Unknown argument "b.ts": expected one module`],
    [
      ["serve", "a.ts", "--prot", "1"],
      `Unknown option "--prot": expected one of --port, --host, --start-within, --stop-within`,
    ],
    [
      ["serve", "a.ts", "-p", "1"],
      `Unknown option "-p": expected one of --port, --host, --start-within, --stop-within`,
    ],
    [["serve", "a.ts", "--port"], `--port has no value: expected a port from 0 to 65535`],
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
      `--stop-within is "${time}": expected a time from 1ms to 1440m, such as 500ms, 10s or 2m`,
    ]),
  ])("refuses %j", (args, message) => {
    expect(() => parseArguments(args)).toThrow(new UsageError(message));
  });
});
