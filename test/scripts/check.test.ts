import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { listFiles, readSources } from "../../scripts/check/_sources.ts";
import { checkExports } from "../../scripts/check/exports.ts";
import { checkFiles, checkLayout } from "../../scripts/check/files.ts";
import { checkForms } from "../../scripts/check/forms.ts";
import { checkLayers } from "../../scripts/check/layers.ts";
import { CORE_LIMIT, coreProblems } from "../../scripts/check/size.ts";
import { checkWords } from "../../scripts/check/words.ts";

// Each rule is shown a tree that breaks it: a check that cannot fail checks nothing.
const trees: string[] = [];

function tree(files: Readonly<Record<string, string>>): string {
  const top = mkdtempSync(join(tmpdir(), "sitebus-check-"));
  trees.push(top);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  }
  return top;
}

afterEach(() => {
  for (const top of trees.splice(0)) rmSync(top, { recursive: true });
});

describe("layers", () => {
  const layers = (files: Readonly<Record<string, string>>) => checkLayers(readSources(tree(files)));

  test("a sound tree has no problems", () => {
    expect(layers({
      "mod.ts": `export * from "./src/bus.ts";`,
      "src/channel.ts": `import type { Bus } from "./bus.ts"; export type Of = Bus;`,
      "src/bus.ts": `import "./channel.ts"; export interface Bus { readonly name: string }`,
      "platforms/posix.ts":
        `import process from "node:process"; import "../src/bus.ts"; import "./process/park.ts";`,
      "platforms/process/park.ts": `import "../../src/bus.ts";`,
      "platforms/native.ts": `import "./posix.ts"; import "./windows.ts";`,
      "platforms/lambda/events.ts": `import "../serverless.ts"; import "./other.ts";`,
      "test/bus.test.ts": `import "../mod.ts"; import "vitest";`,
      "cli/main.ts": `import "../mod.ts"; import "srvx";`,
    })).toEqual([]);
  });

  test("a platform in the core is told by file and line", () => {
    expect(layers({ "src/bus.ts": `export {};\nimport "../platforms/posix.ts";` })).toEqual([
      `src/bus.ts:2: src/ imports only src/, and this is "platforms/posix.ts"`,
    ]);
  });

  test.for([
    [`import "node:fs";`, "node:fs"],
    [`export * from "srvx";`, "srvx"],
    [`const later = import("../cli/main.ts");`, "cli/main.ts"],
    [`type T = import("../test/a.ts").T;`, "test/a.ts"],
    [`import type { Bus } from "sitebus";`, "sitebus"],
  ])("the core does not name %j", ([code = "", path]) => {
    expect(layers({ "src/bus.ts": code })).toEqual([expect.stringContaining(`and this is "${path}"`)]);
  });

  test("a lower module of the core that loads a higher one is told with the way to it", () => {
    expect(layers({
      "src/channel.ts": `import "./_between.ts";`,
      "src/_between.ts": `import "./engine.ts";`,
      "src/engine.ts": "export {};",
    })).toEqual([
      "src/channel.ts:1: channel stands below engine in the core and does not load it: " +
      "src/channel.ts → src/_between.ts → src/engine.ts",
    ]);
  });

  test("a cycle of what is loaded in the core is told once", () => {
    expect(layers({
      "src/_a.ts": `import "./_b.ts";`,
      "src/_b.ts": `import { a } from "./_a.ts"; export const b = a;`,
    })).toEqual(["src/_a.ts:1: a cycle in the core: src/_a.ts → src/_b.ts → src/_a.ts"]);
  });

  test("a platform beside another, a package in a platform, and mod.ts inside are refused", () => {
    expect(layers({
      "platforms/posix.ts": `import "./windows.ts";`,
      "platforms/embedded.ts": `import "srvx";`,
      "platforms/testing.ts": `import "../mod.ts";`,
      "scripts/build.ts": `import "../mod.ts";`,
      "cli/main.ts": `import "../scripts/build.ts";`,
    })).toEqual([
      `cli/main.ts:1: cli/ is run by users, and imports nothing of "scripts/build.ts"`,
      `platforms/embedded.ts:1: importing a platform loads no package, and this is "srvx"`,
      expect.stringMatching(/^platforms\/posix.ts:1: a platform imports src\/.*"platforms\/windows.ts"$/),
      expect.stringMatching(/^platforms\/testing.ts:1: a platform imports src\/.*"mod.ts"$/),
      expect.stringMatching(/^scripts\/build.ts:1: nothing imports mod.ts but tests/),
    ]);
  });
});

describe("words", () => {
  const words = (files: Readonly<Record<string, string>>) => checkWords(readSources(tree(files)));

  test("a word that is not ours is told in whatever is exported", () => {
    expect(words({
      "src/a.ts": `export type SignalHandler = () => void;`,
      "src/b.ts": `const one = 1; export { one as topicOne };`,
      "platforms/c.ts": `export interface Named { onHook(): void; readonly driverName: string }`,
      "platforms/d.ts": `export class Utils { callbacks = []; }`,
    })).toEqual([
      `platforms/c.ts:1: "onHook": not "hook" but listener`,
      `platforms/c.ts:1: "driverName": not "driver" but platform`,
      `platforms/d.ts:1: "Utils": not "utils" but the name of what it does`,
      `platforms/d.ts:1: "callbacks": not "callbacks" but listener`,
      `src/a.ts:1: "SignalHandler": not "handler" but listener`,
      `src/b.ts:1: "topicOne": not "topic" but channel`,
    ]);
  });

  test("what is not exported, what is private, and the names of others are free", () => {
    expect(words({
      "src/a.ts": `const handler = 1; export class A { #handler = handler; private callback = 1; }`,
      "platforms/b.ts":
        `export interface DenoLike { signalHandler(): void } export interface B { "x-hooks": 1 }`,
      "cli/c.ts": `export const handler = 1;`,
    })).toEqual([]);
  });
});

describe("forms", () => {
  const forms = (files: Readonly<Record<string, string>>) => checkForms(readSources(tree(files)));

  test.for([
    ["export let a: any;", "no `any`"],
    ["enum A { B }", "no `enum`"],
    ["namespace A { export const b = 1; }", "no `namespace`"],
    ["declare global { var a: number }", "no `namespace`"],
    ["export default 1;", "no default export"],
    ["export default function a() {}", "no default export"],
    ["export const a = globalThis;", "src/ reaches globals in src/_web.ts alone"],
  ])("%j is refused", ([code = "", message]) => {
    expect(forms({ "src/a.ts": code })).toEqual([expect.stringContaining(`src/a.ts:1: ${message}`)]);
  });

  test("an application's module has a default export", () => {
    expect(forms({ "examples/app.ts": "export default { fetch };" })).toEqual([]);
  });
});

describe("files", () => {
  test.for([
    ["src/processBus.ts", "a file's name is snake_case"],
    ["src/utils.ts", `"utils" says nothing`],
    ["src/_helpers.ts", `"helpers" says nothing`],
    ["test/bus-spec.ts", "a file's name is snake_case"],
  ])("%j is refused", ([path = "", message]) => {
    expect(checkFiles(readSources(tree({ [path]: "" })))).toEqual([
      expect.stringContaining(`${path}: ${message}`),
    ]);
  });

  test("400 lines are a file, 401 are too many", () => {
    expect(checkFiles(readSources(tree({ "src/a.ts": "\n".repeat(400) })))).toEqual([]);
    expect(checkFiles(readSources(tree({ "src/a.ts": "\n".repeat(401) })))).toEqual([
      "src/a.ts: 401 lines: more than 400 is more than one idea",
    ]);
  });

  test("what has no place at the top is told; what is installed or built is not looked at", () => {
    const top = tree({
      "src/a.ts": "",
      "lib/a.ts": "",
      "notes.md": "",
      "npm/a.ts": "",
      "node_modules/a/b.ts": "",
    });
    expect(checkLayout(listFiles(top))).toEqual([
      expect.stringMatching(/^lib\/: not one of what stands at the top/),
      expect.stringMatching(/^notes.md: not one of what stands at the top/),
    ]);
  });
});

describe("exports", () => {
  const sound = {
    "deno.json": JSON.stringify({
      version: "1.2.3",
      exports: { ".": "./mod.ts" },
      imports: { srvx: "npm:srvx@^1" },
    }),
    "package.json": JSON.stringify({
      version: "1.2.3",
      exports: { ".": "./mod.ts" },
      dependencies: { srvx: "^1" },
    }),
    "CHANGELOG.md": "# Changes\n\n## [1.2.3] - 2026-11-20\n\n## 1.2.2\n",
    "cli/help.ts": `export const VERSION = "1.2.3";\n`,
    "mod.ts": "",
  };

  test("files that agree have no problems", () => {
    expect(checkExports(tree(sound))).toEqual([]);
  });

  test("every difference is told", () => {
    expect(checkExports(tree({
      ...sound,
      "package.json": JSON.stringify({
        version: "1.2.4",
        exports: { ".": "./mod.ts", "./posix": "./platforms/posix.ts" },
        dependencies: { srvx: "^2" },
      }),
      "deno.json": sound["deno.json"].replace("./mod.ts", "./gone.ts"),
      "package-lock.json": JSON.stringify({ resolved: "https://example.org/a.tgz" }, undefined, 1),
    }))).toEqual([
      `exports ".": deno.json has "./gone.ts", package.json "./mod.ts"`,
      `exports "./posix": deno.json has nothing, package.json "./platforms/posix.ts"`,
      `exports ".": there is no ./gone.ts: bring the file back, or mend deno.json and package.json`,
      `version: deno.json has "1.2.3", package.json "1.2.4", the top entry of CHANGELOG.md "1.2.3", ` +
      `VERSION in cli/help.ts "1.2.3": write the same in all of them`,
      `imports "srvx": deno.json has "^1", the dependencies of package.json "^2"`,
      expect.stringContaining("package-lock.json names addresses"),
    ]);
  });

  test.for([
    ["CHANGELOG.md", "", "CHANGELOG.md nothing"],
    ["CHANGELOG.md", "## 1.2.2\n", `CHANGELOG.md "1.2.2"`],
    ["cli/help.ts", `export const VERSION: string = "1.2.4";\n`, `VERSION in cli/help.ts "1.2.4"`],
  ])("the version in %s %j is a difference too", ([path = "", text = "", found = ""]) => {
    expect(checkExports(tree({ ...sound, [path]: text }))).toEqual([expect.stringContaining(found)]);
  });
});

test("a core that is too heavy, or that needs something, is told", () => {
  expect(coreProblems({ bytes: CORE_LIMIT, imports: [] })).toEqual([]);
  expect(coreProblems({ bytes: CORE_LIMIT + 1, imports: ["node:fs"] })).toEqual([
    `the core's bundle imports "node:fs"`,
    `the core is ${CORE_LIMIT + 1} bytes, minified and gzipped: more than ${CORE_LIMIT}`,
  ]);
});
