import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../cli/config.ts";
import { CONFIG_OPTIONS } from "../../cli/options.ts";
import { serveOptions } from "../../cli/serve_options.ts";
import { folderOf, moduleOf, sitebus } from "./_serve.ts";

const ALL = {
  module: "./app.ts",
  port: 8080,
  host: "0.0.0.0",
  tlsCert: "tls/a.crt",
  tlsKey: "/etc/a.key",
  health: "/internal",
  lameDuck: "5s",
  startWithin: 1500,
  stopWithin: "1m",
  quiet: true,
  json: false,
};

describe("a config file", () => {
  test.each([
    ["sitebus.config.json", JSON.stringify(ALL)],
    ["sitebus.config.js", `export default ${JSON.stringify(ALL)};`],
    ["sitebus.config.ts", `export default ${JSON.stringify(ALL)} satisfies Record<string, unknown>;`],
  ])("%s of the folder is read, and its paths are relative to it", async (file, source) => {
    const folder = folderOf({ "package.json": `{ "type": "module" }`, [file]: source });
    expect(await readConfig(undefined, folder)).toEqual({
      file,
      values: {
        ...ALL,
        module: join(folder, "app.ts"),
        tlsCert: join(folder, "tls/a.crt"),
        health: { prefix: "/internal" },
        lameDuck: 5000,
        stopWithin: 60_000,
      },
    });
  });

  test("that is named is read in place of the folder's own, and its paths are relative to it", async () => {
    const folder = folderOf({
      "sitebus.config.json": `{ "port": 1 }`,
      "other/my.json": `{ "unix": "app.sock" }`,
    });
    expect(await readConfig("other/my.json", folder)).toEqual({
      file: "other/my.json",
      values: { unix: join(folder, "other/app.sock") },
    });
  });

  test("may hold undefined, as an environment variable that is not set is", async () => {
    const folder = folderOf({
      "sitebus.config.mjs": "export default { port: undefined, host: 'localhost' };",
    });
    expect((await readConfig("sitebus.config.mjs", folder))?.values).toEqual({ host: "localhost" });
  });

  test.each<[string, unknown, object]>([
    ["port", "8080", { port: 8080 }],
    ["workers", "2", { workers: 2 }],
    ["workers", "auto", { workers: "auto" }],
    ["maxRequests", 100, { maxRequests: 100 }],
    ["maxMemory", "512MB", { maxMemory: 512e6 }],
    ["maxMemory", "1.5gb", { maxMemory: 1.5e9 }],
    ["maxMemory", 1000, { maxMemory: 1000 }],
    ["health", true, { health: { prefix: "" } }],
    ["health", false, { health: false }],
    ["health", 9090, { health: { prefix: "", port: 9090 } }],
    ["lameDuck", 0, { lameDuck: 0 }],
    ["module", "file:///app.ts", { module: "file:///app.ts" }],
  ])("may say %s: %j", async (key, value, values) => {
    const folder = folderOf({ "sitebus.config.json": JSON.stringify({ [key]: value }) });
    expect((await readConfig(undefined, folder))?.values).toEqual(values);
  });

  test("is not needed", async () => {
    expect(await readConfig(undefined, folderOf({}))).toBeUndefined();
  });
});

const KEYS = CONFIG_OPTIONS.map(({ key }) => key).join(", ");
const EXAMPLE = 'expected one such as { "port": 8080 }';

describe("a config file that is wrong is named, with what is wrong and what was expected", () => {
  test.each<[string, string, string | RegExp]>([
    ["json", `{ "prot": 1 }`, `unknown key "prot": expected one of ${KEYS}`],
    ["json", `{ "config": "x.json" }`, `unknown key "config": expected one of ${KEYS}`],
    ["json", `{ "workers": 0 }`, `workers is 0: expected a whole number from 1 to 1000, or auto`],
    ["json", `{ "maxMemory": "512" }`, `maxMemory is "512": expected a size such as 512MB or 2GB`],
    ["json", `{ "maxRequests": 1.5 }`, `maxRequests is 1.5: expected a whole number from 1 on`],
    ["json", `{ "port": "x" }`, `port is "x": expected a port from 0 to 65535`],
    ["json", `{ "port": 1.5 }`, `port is 1.5: expected a port from 0 to 65535`],
    ["json", `{ "port": -1 }`, `port is -1: expected a port from 0 to 65535`],
    ["json", `{ "host": 1 }`, `host is 1: expected a name or an address, such as 0.0.0.0`],
    [
      "json",
      `{ "stopWithin": 0 }`,
      `stopWithin is 0: expected a time from 1ms to 1440m, such as 500ms, 10s or 2m`,
    ],
    [
      "json",
      `{ "lameDuck": null }`,
      `lameDuck is null: expected a time from 0s to 1440m, such as 500ms, 5s or 2m`,
    ],
    ["json", `{ "quiet": "yes" }`, `quiet is "yes": expected true or false`],
    ["json", `{ "tlsCert": {} }`, `tlsCert is an object: expected the path of a file`],
    ["json", `{ "module": [] }`, `module is a list: expected the path of a module, such as ./app.ts`],
    ["json", `[]`, `it is no object, ${EXAMPLE}`],
    ["json", `null`, `it is no object, ${EXAMPLE}`],
    ["json", `{ port: 1 }`, /^it is no JSON: .+$/],
    ["mjs", `export const port = 1;`, `it has no default export, ${EXAMPLE}`],
    ["mjs", `export default 5;`, `it is no object, ${EXAMPLE}`],
    ["mjs", `throw new Error("no");`, /^no \(.*config\.mjs:1:\d+\)$/],
  ])("%s %s", async (extension, source, why) => {
    const file = `config.${extension}`;
    const error = await readConfig(file, folderOf({ [file]: source })).catch((error: unknown) => error);
    const { name, message } = error as Error;
    expect(name).toBe("ConfigError");
    const [, named, rest] = /^Cannot use "(.*?)": (.*)$/.exec(message) ?? [];
    expect(named).toBe(file);
    expect(rest).toEqual(typeof why === "string" ? why : expect.stringMatching(why));
  });

  test.each(["nothing.json", "nothing.ts"])("where there is no %s", async (file) => {
    const folder = folderOf({});
    await expect(readConfig(file, folder)).rejects.toThrow(
      `Cannot use "${file}": there is no file "${join(folder, file)}"`,
    );
  });

  test("where two are side by side", async () => {
    const folder = folderOf({ "sitebus.config.ts": "", "sitebus.config.json": "{}" });
    await expect(readConfig(undefined, folder)).rejects.toThrow(
      `Cannot choose a config file: "sitebus.config.ts" and "sitebus.config.json" are both there, ` +
        `expected one, or --config <file>`,
    );
  });
});

describe("the options of serve", () => {
  const DEFAULTS = {
    module: "app.ts",
    host: "127.0.0.1",
    port: 3000,
    lameDuck: 0,
    keepAlive: 65_000,
    serialize: false,
    startWithin: 30_000,
    stopWithin: 25_000,
    quiet: false,
    json: false,
  };
  const config = (values: object) => ({ file: "sitebus.config.json", values });

  test("have defaults for all but the module", () => {
    expect(serveOptions({ module: "app.ts" }, {})).toEqual(DEFAULTS);
  });

  test("come from the command line, then the config file, then the defaults", () => {
    const values = { module: "app.ts", port: 1, host: "::1", quiet: true, health: { prefix: "/a" } };
    expect(serveOptions({ port: 2, quiet: false }, { config: config(values) })).toEqual({
      ...DEFAULTS,
      port: 2,
      host: "::1",
      health: { prefix: "/a" },
    });
    expect(serveOptions({ health: false }, { config: config(values) })).not.toHaveProperty("health");
  });

  test("take the address of the command line, whatever kind the file has", () => {
    expect(serveOptions({ port: 2 }, { config: config({ module: "app.ts", unix: "/a.sock" }) })).toEqual({
      ...DEFAULTS,
      port: 2,
    });
    expect(serveOptions({ unix: "/a.sock" }, { config: config({ module: "app.ts", port: 2 }) })).toEqual({
      ...DEFAULTS,
      unix: "/a.sock",
    });
  });

  test("may take the certificate from the file and the key from the command line", () => {
    const values = { module: "app.ts", tlsCert: "/a.crt", tlsKey: "/a.key" };
    expect(serveOptions({ tlsKey: "b.key" }, { config: config(values) }).tls).toEqual({
      cert: "/a.crt",
      key: "b.key",
    });
  });

  test.each<[object, string]>([
    [
      {},
      'serve has no module, and finds no app, server or index here or in src/, nor "main" in package.json: ' +
      "expected the path of one, such as sitebus serve app.ts",
    ],
    [{ module: "a", unix: "b", port: 1 }, "--unix and --port are two addresses: expected one"],
    [
      { module: "a", unix: "b", tlsCert: "c", tlsKey: "d" },
      "--unix and --tls-cert do not go together: a unix socket is served without TLS",
    ],
    [{ module: "a", tlsCert: "b" }, "--tls-cert and --tls-key go together: expected both"],
    [{ module: "a", tlsKey: "b" }, "--tls-cert and --tls-key go together: expected both"],
    [
      { module: "a", lameDuck: 12_501 },
      "--lame-duck is 12501 ms: expected at most 12500 ms, half of --stop-within",
    ],
    [
      { module: "a", health: { prefix: "", port: 3000 } },
      "--health is 3000, which is the port of the application: expected another",
    ],
    [{ module: "a", threads: true }, "--threads needs --workers: expected such as --workers 2"],
    [{ module: "a", maxRequests: 1 }, "--max-requests needs --workers: expected such as --workers 2"],
    [{ module: "a", maxMemory: 1e9 }, "--max-memory needs --workers: expected such as --workers 2"],
    [
      { module: "a", workers: 2, threads: true, maxMemory: 1e9 },
      "--threads and --max-memory do not go together: threads share the memory of one process",
    ],
  ])("refuses %j", (given, message) => {
    const usage = expect.objectContaining({ name: "UsageError", message });
    expect(() => serveOptions(given, {})).toThrow(usage);
  });

  test("take port and host from the environment where neither the command line nor the file has them", () => {
    const env = { PORT: "8080", HOST: "0.0.0.0" };
    const module = "app.ts";
    expect(serveOptions({ module }, { env })).toEqual({ ...DEFAULTS, port: 8080, host: "0.0.0.0" });
    expect(serveOptions({ module, port: 1 }, { env })).toEqual({ ...DEFAULTS, port: 1, host: "0.0.0.0" });
    const file = config({ module, port: 2, host: "::1" });
    expect(serveOptions({}, { config: file, env })).toEqual({ ...DEFAULTS, port: 2, host: "::1" });
    expect(serveOptions({ module, unix: "/a.sock" }, { env })).toEqual({ ...DEFAULTS, unix: "/a.sock" });
    expect(serveOptions({ module }, { env: { PORT: "", HOST: undefined } })).toEqual(DEFAULTS);
  });

  test("say by which workers it is served", () => {
    const workers = (given: object) => serveOptions({ module: "a", ...given }, {}).workers;
    expect(workers({})).toBe(undefined);
    expect(workers({ workers: "auto" })).toEqual({ count: "auto", kind: "process" });
    expect(workers({ workers: 2, maxRequests: 9, maxMemory: 5e8 })).toEqual({
      ...{ count: 2, kind: "process", maxRequests: 9, maxMemory: 5e8 },
    });
    expect(workers({ workers: 2, threads: true })).toEqual({ count: 2, kind: "thread" });
    expect(workers({ threads: false })).toBe(undefined);
  });

  test("refuse a variable of the environment that cannot be used, by its name", () => {
    expect(() => serveOptions({ module: "a" }, { env: { PORT: "x" } })).toThrow(expect.objectContaining({
      name: "ConfigError",
      message: 'PORT in the environment is "x": expected a port from 0 to 65535',
    }));
  });

  test("name the source that is wrong, the file or the command line", () => {
    const file = config({ module: "a", lameDuck: 5000, tlsCert: "b" });
    expect(() => serveOptions({}, { config: file })).toThrow(expect.objectContaining({
      name: "ConfigError",
      message: 'Cannot use "sitebus.config.json": tlsCert and --tls-key go together: expected both',
    }));
    expect(() => serveOptions({ tlsKey: "c", stopWithin: 5000 }, { config: file })).toThrow(
      expect.objectContaining({
        name: "UsageError",
        message: "lameDuck is 5000 ms: expected at most 2500 ms, half of --stop-within",
      }),
    );
  });
});

describe("sitebus serve", () => {
  test("goes by the config file of the working directory", async () => {
    const folder = folderOf({
      "app.mjs": "export default () => new Response('from the file');",
      "sitebus.config.json": JSON.stringify({ module: "app.mjs", port: 0 }),
    });
    const program = sitebus(["serve"], { launcher: ["env", "-C", folder] });
    const [url = ""] = /http:\S+/.exec(await program.waitForLine("http is up")) ?? [];
    expect(await (await fetch(url)).text()).toBe("from the file");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });

  test("ends with 78 and one line where the file cannot be used", async () => {
    const file = moduleOf(`{ "prot": 1 }`, "my.json");
    const { code, lines } = await sitebus(["serve", "app.ts", "--config", file]).exited;
    expect([code, lines]).toEqual([78, [
      `sitebus: Cannot use "${file}": unknown key "prot": expected one of ${KEYS}`,
    ]]);
  });
});
