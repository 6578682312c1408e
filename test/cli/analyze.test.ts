import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Analysis } from "../../cli/analysis.ts";
import { patient } from "../../scripts/patience.ts";
import { moduleOf, sitebus } from "./_serve.ts";

const APPLICATION = `
  const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  export function setup(bus) {
    bus.use({ name: "db", start: () => nap(60), stop: () => nap(30) });
    bus.use({ name: "queue", dependsOn: ["db"], start: () => nap(40) });
    bus.use({ name: "cache", start: () => nap(10) });
  }
  console.log("the application prints");
  export default () => new Response("hello");
`;

/** Trials start processes, each of which takes as long as the runtime needs. */
const limit = { timeoutMs: 60_000 };

test("sitebus analyze shows a bar for each component, the critical path and what would be gained", {
  timeout: patient(60_000),
}, async () => {
  const { code, lines } = await sitebus(["analyze", moduleOf(APPLICATION), "--runs", "2"], limit).exited;
  const text = lines.join("\n");
  expect(code, text).toBe(0);
  expect(text).toMatch(/app\.mjs on (Node|Deno|Bun) \S+: the median of 2 runs/);
  for (const name of ["(import)", "(setup)", "db", "queue", "cache", "http"]) {
    expect(text).toMatch(new RegExp(`^[* ] ${name.replace(/[()]/g, "\\$&")} +[\\d.]+ m?s +█`, "m"));
  }
  expect(text).toMatch(/^ {2}start: db → queue → http, /m);
  expect(text).toMatch(/ ms of the start, if "queue" started beside "db"$/m);
  // The outputs of the application are not those of the analysis.
  expect(text).not.toContain("the application prints");
});

test("--json and --html are the same analysis for programs and for a browser", {
  timeout: patient(60_000),
}, async () => {
  const module = moduleOf(APPLICATION);
  const html = join(dirname(module), "out.html");
  const words = ["analyze", module, "--runs", "1", "--json", "--html", html];
  const { code, lines } = await sitebus(words, limit).exited;
  expect(code, lines.join("\n")).toBe(0);
  const analysis = JSON.parse(lines[0] ?? "") as Analysis & { module: string };
  expect(analysis.module).toBe(module);
  expect(analysis.start.critical).toEqual(["db", "queue", "http"]);
  expect(analysis.start.gains[0]).toMatchObject({ component: "queue", waitsFor: "db" });
  expect(analysis.stop.steps.find(({ name }) => name === "db")?.ms).toBeGreaterThan(20);
  const page = readFileSync(html, "utf8");
  expect(page).toMatch(/^<!doctype html>/i);
  for (const name of ["db", "queue", "cache", "http"]) expect(page).toContain(name);
  expect(page).not.toMatch(/<script|https?:\/\/|<link/);
});

describe("sitebus analyze says in one line why it cannot", () => {
  test.each<[string, string, RegExp]>([
    [
      "where a component does not start",
      `export const setup = (bus) => bus.use({ name: "db", start() { throw new Error("no route to it"); } });
       export default () => new Response();`,
      /^sitebus: Cannot analyze ".*app\.mjs": .*db.*no route to it/,
    ],
    ["where the module throws", `throw new Error("broken");`, /^sitebus: Cannot analyze .*broken/],
    [
      "where the application ends the process",
      `import process from "node:process"; process.exit(3); export default () => new Response();`,
      /^sitebus: Cannot analyze .* ended with 3: .*process\.exit\(3\)/,
    ],
  ])("%s", { timeout: patient(60_000) }, async (_, source, expected) => {
    const { code, lines } = await sitebus(["analyze", moduleOf(source), "--runs", "1"], limit).exited;
    expect(lines).toEqual([expect.stringMatching(expected)]);
    expect(code).toBe(70);
  });

  test("where there is no such folder for the page", { timeout: patient(60_000) }, async () => {
    const module = moduleOf("export default () => new Response();");
    const html = join(dirname(module), "no", "out.html");
    const { code, lines } = await sitebus(["analyze", module, "--runs", "1", "--html", html], limit).exited;
    expect(lines.at(-1)).toMatch(/^sitebus: Cannot write ".*out\.html": /);
    expect(code).toBe(70);
    expect(existsSync(html)).toBe(false);
  });
});

test.each([["0"], ["101"], ["x"], ["-1"]])("--runs %s is wrong usage", async (runs) => {
  const { code, lines } = await sitebus(["analyze", "app.ts", `--runs=${runs}`]).exited;
  expect(lines).toEqual([
    `sitebus: --runs is "${runs}": expected a number from 1 to 100 (see sitebus analyze --help)`,
  ]);
  expect(code).toBe(64);
});
