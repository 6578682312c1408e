/**
 * What an application does before its bus runs: at the import of its module, and in `setup`.
 * @module
 */
import { describe, expect, test } from "vitest";
import { moduleOf, serving, sitebus } from "./_serve.ts";
import { runtime } from "../spawn.ts";

const SERVES = `export default () => new Response("ok");`;

describe("a module is given up in one line and with 70", () => {
  test.each([
    ["import", `await new Promise(() => {}); ${SERVES}`, "Cannot load"],
    ["setup", `export const setup = () => new Promise(() => {}); ${SERVES}`, "Cannot set up"],
  ])("where its %s does not settle within --start-within", async (subject, source, action) => {
    const { code, lines, ms } = await sitebus(["serve", moduleOf(source), "--start-within", "400ms"]).exited;
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `^sitebus: ${action} ".*app\\.mjs": its ${subject} has not settled in 0\\.4 s, see --start-within$`,
        ),
      ),
    ]);
    expect(code).toBe(70);
    expect(ms).toBeLessThan(8000);
  });

  test("where its setup returns a thenable that never calls back", async () => {
    const module = moduleOf(`export const setup = () => ({ then() {} }); ${SERVES}`);
    const { code, lines } = await sitebus(["serve", module, "--start-within", "200ms"]).exited;
    expect([code, lines.length]).toEqual([70, 1]);
  });
});

test.each([
  ["at its import", `process.exit(0); ${SERVES}`, 0, "Cannot load"],
  ["later in its import", `await null; process.exit(3); ${SERVES}`, 3, "Cannot load"],
  [
    "in its setup",
    `export const setup = async () => { await null; process.exit(0); }; ${SERVES}`,
    0,
    "Cannot set up",
  ],
])("a module that ends the process %s is told", async (_, source, code, action) => {
  const program = sitebus([
    "serve",
    moduleOf(`import process from "node:process"; ${source}`),
    "--port",
    "0",
  ]);
  const { code: found, lines } = await program.exited;
  expect(lines).toEqual([
    expect.stringMatching(
      new RegExp(
        `^sitebus: ${action} ".*app\\.mjs": it called process\\.exit\\(${code}\\), and nothing is served$`,
      ),
    ),
  ]);
  expect(found).toBe(code);
});

test("a module that ends the process by Deno.exit is told", async (context) => {
  context.skip(runtime !== "deno", "it is a function of Deno");
  const { code, lines } = await sitebus(["serve", moduleOf(`Deno.exit(3); ${SERVES}`)]).exited;
  expect(lines).toEqual([
    expect.stringMatching(
      /^sitebus: Cannot load ".*app\.mjs": it called Deno\.exit\(3\), and nothing is served$/,
    ),
  ]);
  expect(code).toBe(3);
});

test("with --json, that a module ends the process is JSON as well", async () => {
  const { code, lines } = await sitebus(["serve", moduleOf(`process.exit(0); ${SERVES}`), "--json"]).exited;
  expect([code, lines.length]).toEqual([0, 1]);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "error", event: "load", code: 0 });
});

/** Values that have brought programs down when they were thrown. */
const ODD: readonly (readonly [string, string])[] = [
  ["null", "null"],
  ["a symbol as a message", `Object.assign(new Error("x"), { message: Symbol("s") })`],
  [
    "an error whose message throws",
    `Object.defineProperty(new Error("x"), "message", { get() { throw 1; } })`,
  ],
  ["an error whose name throws", `Object.defineProperty(new Error("x"), "name", { get() { throw 1; } })`],
  ["an error whose cause throws", `Object.defineProperty(new Error("x"), "cause", { get() { throw 1; } })`],
  [
    "a revoked proxy",
    `(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()`,
  ],
];

describe("SIGTERM ends the command, whatever is thrown", () => {
  test.each(ODD)("by listeners, components and requests: %s", async (_, thrown) => {
    const program = await serving(moduleOf(`
      const odd = () => { throw ${thrown}; };
      export function setup(bus) {
        for (const channel of ["log", "signal", "run", "drain", "stop", "exit", "exited"]) {
          if (channel !== "run") bus.subscribe(channel, odd, { name: channel });
        }
        bus.use({ name: "db", drain: odd, stop: odd });
      }
      export default odd;`));
    expect((await fetch(program.url)).status).toBe(500);
    const began = performance.now();
    program.kill("SIGTERM");
    const { code, signal } = await program.exited;
    expect([code, signal]).toEqual([70, null]);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test.each(ODD)("by the setup: %s", async (_, thrown) => {
    const { code, lines } = await sitebus([
      "serve",
      moduleOf(`export const setup = () => { throw ${thrown}; }; ${SERVES}`),
    ]).exited;
    expect(code).toBe(70);
    expect(lines).toEqual([expect.stringMatching(/^sitebus: Cannot set up ".*app\.mjs": ./)]);
  });

  test.each(ODD)("by the import: %s", async (_, thrown) => {
    const { code, lines } = await sitebus(["serve", moduleOf(`throw ${thrown};`)]).exited;
    expect(code).toBe(70);
    expect(lines).toEqual([expect.stringMatching(/^sitebus: Cannot load ".*app\.mjs": ./)]);
  });
});
