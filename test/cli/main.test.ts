import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { VERSION } from "../../cli/version.ts";
import { runtime } from "../spawn.ts";
import { moduleOf, sitebus } from "./_serve.ts";

test("--version is the version of the package, with the runtime and the platform", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(VERSION).toBe(version);
  for (const words of [["--version"], ["-v"], ["--version", "--json"]]) {
    const { code, lines } = await sitebus(words).exited;
    expect(code).toBe(0);
    expect(lines).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+ \((Node|Deno|Bun) \d\S+, \w+ \w+\)$/)]);
    expect(lines[0]?.split(" ")[0]).toBe(version);
    expect(lines[0]?.toLowerCase()).toContain(`(${runtime} `);
  }
});

test("without a command it prints the help and 64", async () => {
  const { code, lines } = await sitebus([]).exited;
  expect(code).toBe(64);
  expect(lines[0]).toBe("Usage: sitebus [options] [command]");
  expect(lines.at(-1)).toBe("sitebus: No command (see sitebus --help)");
});

test.each<[string[], string]>([
  [["serve", "--port", "x"], '--port is "x": expected a port from 0 to 65535 (see sitebus serve --help)'],
  [["serve", "--prot", "1"], 'Unknown option "--prot": did you mean "--port"? (see sitebus serve --help)'],
  [["srve"], 'Unknown command "srve": did you mean "serve"? (see sitebus --help)'],
])("%j is one line and 64", async (args, message) => {
  const { code, lines } = await sitebus(args).exited;
  expect([code, lines]).toEqual([64, [`sitebus: ${message}`]]);
});

test("with --json, why it does not serve is JSON as well", async () => {
  const { code, lines } = await sitebus(["serve", "nowhere.ts", "--json"]).exited;
  const [record] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect([code, lines.length]).toEqual([70, 1]);
  expect(record).toMatchObject({ level: "error", event: "load", code: 70, bus: "sitebus" });
  expect(record?.["message"]).toMatch(/^Cannot load "nowhere\.ts": there is no file "/);
});

const EXPECTED =
  'expected "export default app" \\(Hono, Express, a fetch function\\), \\{ fetch \\} or \\{ node \\}';

describe("a module that cannot be used is one line and 70", () => {
  test.each<[string, string, RegExp]>([
    [
      "throws",
      `setInterval(() => {}, 1000);\nthrow new Error("boom");`,
      /: Cannot load ".*": boom \(\/.*app\.mjs:2:\d+\)$/,
    ],
    ["throws no error", `throw "text\\nmore";`, /: Cannot load ".*": text$/],
    ["imports what is not there", `import "./nothing.mjs";`, /: Cannot load ".*": .*nothing\.mjs/],
    [
      "exports nothing",
      `export const app = 1;`,
      new RegExp(`: Cannot serve ".*": it has no default export: ${EXPECTED}$`),
    ],
    [
      "exports a number",
      `export default 5;`,
      new RegExp(`: Cannot serve ".*": its default export is a number: ${EXPECTED}$`),
    ],
    [
      "exports an object without fetch",
      `export default {};`,
      new RegExp(
        `: Cannot serve ".*": its default export is an object that has neither "fetch" nor "node": ${EXPECTED}$`,
      ),
    ],
    [
      "exports a setup that is no function",
      `export default () => {}; export const setup = true;`,
      /: Cannot serve ".*": its export "setup" is a boolean, expected a function$/,
    ],
    [
      "has a setup that fails",
      `export default () => {}; export const setup = async () => { throw new Error("no config"); };`,
      /: Cannot set up ".*": no config \(\/.*app\.mjs:1:\d+\)$/,
    ],
    [
      "uses a component twice",
      `export default () => {}; export const setup = (bus) => { bus.use({ name: "http" }); };`,
      /: Cannot set up ".*": .*"http"/,
    ],
  ])("where it %s", async (_, source, line) => {
    const { code, lines } = await sitebus(["serve", moduleOf(source), "--port", "0"]).exited;
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(code).toBe(70);
  });

  test("where it has a syntax error", async () => {
    // Of a .js file, Node does not tell the place.
    const { code, lines } = await sitebus(["serve", moduleOf("export default {", "app.ts")]).exited;
    expect(lines).toEqual([expect.stringMatching(/^sitebus: Cannot load ".*": .+ \(\/.*app\.ts:1/)]);
    expect(code).toBe(70);
  });

  test("where there is none", async () => {
    const { code, lines } = await sitebus(["serve", "test/cli/nothing.ts"]).exited;
    expect(lines).toEqual([
      expect.stringMatching(
        /^sitebus: Cannot load "test\/cli\/nothing\.ts": there is no file "\/.*\/test\/cli\/nothing\.ts"$/,
      ),
    ]);
    expect(code).toBe(70);
  });

  test("where it is a directory", async () => {
    const { code, lines } = await sitebus(["serve", "test/cli"]).exited;
    expect([code, lines]).toEqual([70, [
      expect.stringMatching(/^sitebus: Cannot load "test\/cli": "\/.*" is a directory$/),
    ]]);
  });

  test("where it is JSX, on Node", async (context) => {
    if (runtime !== "node") return context.skip("Deno and Bun run JSX");
    const { code, lines } = await sitebus(["serve", moduleOf("export default 1;", "app.tsx")]).exited;
    expect(lines).toEqual([
      expect.stringMatching(/: Node does not run JSX: use Deno or Bun, or build it first$/),
    ]);
    expect(code).toBe(70);
  });
});

describe("an address that cannot be listened on is named, and 70", () => {
  const APPLICATION = "export default () => new Response();";

  test("where the port is in use", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { code, lines } = await sitebus(["serve", moduleOf(APPLICATION), "--port", String(port)]).exited;
    const line = `sitebus: error: http did not start: Cannot listen on 127.0.0.1:${port}: the port is in use`;
    expect(lines.filter((one) => one.includes("error"))).toEqual([line]);
    expect(code).toBe(70);
  });

  test("where the host is no name of anything", async () => {
    const { code, lines } = await sitebus(["serve", moduleOf(APPLICATION), "--host", "no.such.host.invalid"])
      .exited;
    expect(lines.filter((one) => one.includes("error"))).toEqual([
      "sitebus: error: http did not start: Cannot listen on no.such.host.invalid:3000: the name cannot be resolved",
    ]);
    expect(code).toBe(70);
  });
});
