import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { listFiles, readSources } from "../../scripts/check/sources.ts";
import { checkExports } from "../../scripts/check/exports.ts";
import { checkFiles, checkLayout } from "../../scripts/check/files.ts";
import { checkForms } from "../../scripts/check/forms.ts";
import { checkLayers, checkMap } from "../../scripts/check/layers.ts";
import { ORDER } from "../../scripts/check/order.ts";
import { bundleCore, sizeProblems } from "../../scripts/check/size.ts";
import { checkWords } from "../../scripts/check/words.ts";

// Each rule is shown a tree that breaks it: a check that cannot fail checks nothing.
const trees: string[] = [];

/** What cannot be compressed to nothing. */
const LONG = Array.from({ length: 100 }, (_, index) => (index * index).toString(36)).join();

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
  const order = [
    { name: "src/channel", says: "A channel." },
    { name: "src/bus", says: "A bus." },
    { name: "mod", says: "The core." },
    { name: "platforms/process", says: "Shared.", imports: [] },
    { name: "platforms/posix", says: "Signals.", imports: ["platforms/process"] },
    { name: "platforms/embedded", says: "A host.", imports: [] },
    { name: "cli", says: "The command." },
    { name: "scripts", says: "Tools." },
    { name: "bench", says: "Figures." },
  ];
  const sound = {
    "mod.ts": `export * from "./src/bus.ts";`,
    "src/channel.ts": "export {};",
    "src/bus.ts":
      `import type { Channel } from "./channel.ts"; export const a: Channel | undefined = undefined;`,
    "platforms/process/park.ts": `import "../../src/bus.ts"; import "./_own.ts";`,
    "platforms/process/_own.ts": "export {};",
    "platforms/posix.ts":
      `import process from "node:process"; import "./posix/_own.ts"; import "./process/park.ts";`,
    "platforms/posix/_own.ts": "export {};",
    "platforms/embedded.ts": `import "../src/channel.ts";`,
    "cli/main.ts": `import "../mod.ts"; import "srvx";`,
    "scripts/_build.ts": `import "../src/bus.ts"; import "esbuild";`,
    "bench/run.ts": `import "../mod.ts";`,
    "test/bus.test.ts": `import "../mod.ts"; import "../platforms/posix/_own.ts"; import "vitest";`,
    "examples/app.ts": `import "../mod.ts";`,
  };
  const layers = (files: Readonly<Record<string, string>>) =>
    checkLayers(readSources(tree({ ...sound, ...files })), order);

  test("a sound tree has no problems", () => {
    expect(layers({})).toEqual([]);
  });

  test("the order of this repository names each entry once, and has words for it", () => {
    expect(new Set(ORDER.map(({ name }) => name)).size).toBe(ORDER.length);
    expect(ORDER.filter(({ says }) => says === "")).toEqual([]);
  });

  test("a map that differs in order or words is told, where it first does", () => {
    const page = (...rows: string[]) => ["| file | what it is |", "| ---- | ---- |", ...rows].join("\n");
    const [channel, bus] = ["| `channel` | A channel.  |", "| `bus`     | A bus.      |"];
    expect(checkMap(page(channel, bus), order)).toEqual([]);
    expect(checkMap(page(bus, channel), order)).toEqual([
      'docs/architecture.md: its map has "src/bus: A bus." where scripts/check/order.ts has "src/channel: A channel."',
    ]);
    expect(checkMap(page(channel), order)).toHaveLength(1);
  });

  test("a file without a place, and a place without a file, are told", () => {
    expect(layers({ "src/new.ts": "", "platforms/other/a.ts": "" })).toEqual([
      "platforms/other/a.ts: it has no place in scripts/check/order.ts",
      "src/new.ts: it has no place in scripts/check/order.ts",
    ]);
    const { "platforms/embedded.ts": _, ...without } = sound;
    expect(checkLayers(readSources(tree(without)), order)).toEqual([
      `scripts/check/order.ts: there is no "platforms/embedded": take it out`,
    ]);
  });

  test.for([
    [
      "src/channel.ts",
      `\nimport "../platforms/posix.ts";`,
      `:2: "src/channel" stands above "platforms/posix" in`,
    ],
    ["platforms/embedded.ts", `import "../cli/main.ts";`, `:1: "platforms/embedded" stands above "cli" in`],
    ["cli/main.ts", `const a = import("../scripts/_build.ts");`, `:1: "cli" stands above "scripts" in`],
    ["scripts/_build.ts", `type A = import("../bench/run.ts").A;`, `:1: "scripts" stands above "bench" in`],
  ])("%s cannot import what stands below it: %j", ([path = "", code = "", problem]) => {
    expect(layers({ [path]: code })).toContainEqual(expect.stringContaining(`${path}${problem}`));
  });

  test("a circle of types is told once, with the way round", () => {
    expect(layers({
      "platforms/process/park.ts":
        `import type { B } from "./b.ts"; import "../../src/bus.ts"; import "./_own.ts";`,
      "platforms/process/b.ts": `import type { A } from "./park.ts"; export type B = A;`,
    })).toEqual([
      "platforms/process/b.ts:1: a circle: " +
      "platforms/process/b.ts → platforms/process/park.ts → platforms/process/b.ts",
    ]);
  });

  test("an entry imports what it says, and says no more than it imports", () => {
    expect(layers({ "platforms/embedded.ts": `import "./posix.ts";` })).toEqual([
      `platforms/embedded.ts:1: "platforms/embedded" does not say in scripts/check/order.ts that it imports ` +
      `"platforms/posix"`,
    ]);
    expect(layers({ "platforms/posix.ts": `import "./posix/_own.ts";` })).toEqual([
      `scripts/check/order.ts: "platforms/posix" does not import "platforms/process": take the permission away`,
    ]);
  });

  test("a name with an underscore stays in its folder", () => {
    expect(layers({ "bench/run.ts": `import "../scripts/_build.ts";` })).toEqual([
      `bench/run.ts:1: "scripts/_build.ts" is for scripts/ alone`,
    ]);
  });

  test.for([
    ["src/channel.ts", `import "node:fs";`, `src/ imports only src/, and this is "node:fs"`],
    [
      "src/channel.ts",
      `import type { Bus } from "sitebus";`,
      `src/ imports only src/, and this is "sitebus"`,
    ],
    ["src/channel.ts", `type T = import("../test/a.ts").T;`, `a file for users cannot import "test/a.ts"`],
    ["platforms/embedded.ts", `import "srvx";`, `loads no package, and this is "srvx"`],
    [
      "platforms/embedded.ts",
      `import "../mod.ts";`,
      "only tests, examples, docs, bench and cli import mod.ts",
    ],
    ["scripts/_build.ts", `import "../mod.ts";`, "only tests, examples, docs, bench and cli import mod.ts"],
    [
      "examples/app.ts",
      `import "../scripts/_build.ts";`,
      `a file for users cannot import "scripts/_build.ts"`,
    ],
  ])("%s is refused %j", ([path = "", code = "", problem]) => {
    expect(layers({ [path]: code })).toContainEqual(expect.stringContaining(`${problem}`));
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
    ["src/processBus.ts", "the name of a file must be snake_case"],
    ["src/utils.ts", `"utils" says nothing`],
    ["src/_helpers.ts", `"helpers" says nothing`],
    ["test/bus-spec.ts", "the name of a file must be snake_case"],
  ])("%j is refused", ([path = "", message]) => {
    expect(checkFiles(readSources(tree({ [path]: "" })))).toEqual([
      expect.stringContaining(`${path}: ${message}`),
    ]);
  });

  test.for([["src/a.ts", 300], ["cli/a.ts", 400]] as const)("%s has at most %d lines", ([path, most]) => {
    expect(checkFiles(readSources(tree({ [path]: "\n".repeat(most) })))).toEqual([]);
    expect(checkFiles(readSources(tree({ [path]: "\n".repeat(most + 1) })))).toEqual([
      `${path}: ${most + 1} lines: more than ${most} is more than one idea`,
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
      expect.stringMatching(/^lib\/: unknown at the top of the repository/),
      expect.stringMatching(/^notes.md: unknown at the top of the repository/),
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
    "cli/version.ts": `export const VERSION = "1.2.3";\n`,
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
      `VERSION in cli/version.ts "1.2.3": write the same in all of them`,
      `imports "srvx": deno.json has "^1", the dependencies of package.json "^2"`,
      expect.stringContaining("package-lock.json names addresses"),
    ]);
  });

  test.for([
    ["CHANGELOG.md", "", "CHANGELOG.md nothing"],
    ["CHANGELOG.md", "## 1.2.2\n", `CHANGELOG.md "1.2.2"`],
    ["cli/version.ts", `export const VERSION: string = "1.2.4";\n`, `VERSION in cli/version.ts "1.2.4"`],
  ])("the version in %s %j is a difference too", ([path = "", text = "", found = ""]) => {
    expect(checkExports(tree({ ...sound, [path]: text }))).toEqual([expect.stringContaining(found)]);
  });
});

describe("the weight of a bundle", () => {
  const limit = { says: "all of the core", names: "*", bytes: 100 };

  test("that is too heavy, or that needs something, is told", () => {
    expect(sizeProblems({ bytes: 100, imports: [] }, limit)).toEqual([]);
    expect(sizeProblems({ bytes: 101, imports: ["node:fs"] }, limit)).toEqual([
      `the bundle of all of the core imports "node:fs"`,
      "all of the core: 101 bytes, minified and gzipped, are more than 100",
    ]);
  });

  test("is that of what is named alone", async () => {
    const top = tree({
      "mod.ts": `export const a = "a".repeat(9); export const b = ${JSON.stringify(LONG)};`,
    });
    const [one, all] = [await bundleCore("./mod.ts", top, "{ a }"), await bundleCore("./mod.ts", top)];
    expect(one.bytes).toBeLessThan(100);
    expect(all.bytes).toBeGreaterThan(100);
  });
});
