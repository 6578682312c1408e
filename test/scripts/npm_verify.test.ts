/**
 * What is looked for in a built package, each shown one that breaks it.
 * @module
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { differences } from "../../scripts/npm/_compare.ts";
import { type Built, fileProblems, manifestProblems, UNPACKED_LIMIT } from "../../scripts/npm/_contents.ts";
import { filesBelow } from "../../scripts/npm/finish.ts";
import { buildLocally } from "../../scripts/npm/build_local.ts";
import { npmBuildOptions } from "../../scripts/npm/options.ts";
import { root } from "../../scripts/tools.ts";
import { makeTree, SOUND, withFields } from "./_package_tree.ts";

const folders: string[] = [];
let top: string;
let sound: string;

beforeAll(() => {
  top = makeTree(SOUND);
  sound = join(top, "npm");
  folders.push(top);
  buildLocally(top, sound);
}, patient(60_000));

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** The sound package with other files, or with some of its files gone. */
function changed(files: Readonly<Record<string, string | undefined>>): Built {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-built-"));
  folders.push(folder);
  cpSync(sound, folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (text === undefined) rmSync(join(folder, path));
    else writeFileSync(join(folder, path), text);
  }
  return { folder, top, options: npmBuildOptions(top) };
}

describe("the files", () => {
  const problems = (built: Built, unpackedSize = 1000) =>
    fileProblems({ files: filesBelow(built.folder, "."), unpackedSize }, built);

  test("of a sound package have no problems", () => {
    expect(problems(changed({}))).toEqual([]);
  });

  test("of tests, scripts and docs, and what is left over, are told", () => {
    const files = ["docs/bus.md", "esm/scripts/check.js", "esm/src/ride.js.map", "test/a.test.ts"];
    expect(problems(changed(Object.fromEntries(files.map((path) => [path, ""]))))).toEqual(
      files.map((path) => `the package has ${path}, and should not`),
    );
  });

  test("that are missing are told", () => {
    expect(problems(changed({ "LICENSE": undefined, "esm/src/ride.js": undefined }))).toEqual([
      "the package lacks LICENSE",
      "the package lacks esm/src/ride.js",
    ]);
  });

  test("of the core are two", () => {
    const files = {
      "esm/mod.js": `export * from "./src/ride.js";\nimport "./src/more.js";\n`,
      "esm/src/more.js": "",
    };
    expect(problems(changed(files))).toEqual(["the core is in 3 modules: more than 2"]);
  });

  test("of declarations are those that an entry point leads to", () => {
    expect(problems(changed({ "esm/src/_price.d.ts": "", "esm/src/way.d.ts": undefined }))).toEqual([
      "the package lacks esm/src/way.d.ts",
      "the package has esm/src/_price.d.ts, and should not",
    ]);
  });

  test("name nothing of the machine that built them, and no source map", () => {
    expect(problems(changed({
      "esm/src/ride.js": `export const price = 3; // ${root}/src\n//# sourceMappingURL=ride.js.map\n`,
      "README.md": "see file:///home/us\n",
    }))).toEqual([
      `README.md contains "file:///"`,
      `esm/src/ride.js contains "${root}"`,
      `esm/src/ride.js contains "sourceMappingURL="`,
    ]);
  });

  test("weigh no more than they may", () => {
    expect(problems(changed({}), UNPACKED_LIMIT)).toEqual([]);
    expect(problems(changed({}), UNPACKED_LIMIT + 1)).toEqual([
      `the package is ${UNPACKED_LIMIT + 1} bytes, unpacked: more than ${UNPACKED_LIMIT}`,
    ]);
  });

  test("are those of the library and the command: a test that is imported is no part of it", () => {
    const other = makeTree({
      ...SOUND,
      "mod.ts": `export * from "./test/helper.ts";\n`,
      "test/helper.ts": "export {};\n",
    });
    folders.push(other);
    expect(() => problems({ ...changed({}), top: other })).toThrow("Cannot pack test/helper.ts");
  });
});

describe("package.json", () => {
  const edited = (fields: object) => {
    const manifest = JSON.parse(readFileSync(join(sound, "package.json"), "utf8")) as object;
    return changed({ "package.json": JSON.stringify({ ...manifest, ...fields }) });
  };

  test("as it is described has no problems", () => {
    expect(manifestProblems(edited({}))).toEqual([]);
  });

  test("differs in a field, or has one too many", () => {
    expect(
      manifestProblems(edited({ engines: { node: ">=18" }, sideEffects: undefined, main: "./esm/mod.js" })),
    ).toEqual([
      `package.json has "engines": {"node":">=18"}, not {"node":">=20.19"}`,
      `package.json has "sideEffects": undefined, not false`,
      `package.json has "main", and should not`,
    ]);
  });

  test("brings what is imported, and nothing besides", () => {
    const other = makeTree({
      ...SOUND,
      ...withFields("package.json", { dependencies: { "left-pad": "^1" } }),
      "cli/main.ts": `import "srvx/node";\nimport "@scope/name/sub";\nimport "node:fs";\n`,
    });
    folders.push(other);
    const built = changed({});
    const problems = manifestProblems({ ...built, top: other });
    expect(problems).toEqual([
      `package.json does not bring "srvx", which cli/main.ts:1 imports`,
      `package.json does not bring "@scope/name", which cli/main.ts:2 imports`,
    ]);
    expect(manifestProblems({ ...built, top: other, options: npmBuildOptions(other) })).toContain(
      `package.json brings "left-pad", which nothing imports`,
    );
  });

  test("may have a peer that is looked for when it is needed", () => {
    const peers = {
      peerDependencies: { zod: "^4", yup: "^1" },
      peerDependenciesMeta: { zod: { optional: true }, yup: { optional: true } },
    };
    const other = makeTree({
      ...SOUND,
      ...withFields("package.json", peers),
      "cli/main.ts": `declare const require: { resolve(id: string): string };\nrequire.resolve("zod");\n`,
    });
    folders.push(other);
    const problems = manifestProblems({ ...changed({}), top: other, options: npmBuildOptions(other) });
    expect(problems.filter((problem) => problem.includes("nothing imports"))).toEqual([
      `package.json brings "yup", which nothing imports`,
    ]);
  });

  test("has no peer that users must install", () => {
    const other = makeTree({ ...SOUND, ...withFields("package.json", { peerDependencies: { zod: "^4" } }) });
    folders.push(other);
    expect(manifestProblems({ ...changed({}), options: npmBuildOptions(other) })).toContain(
      `package.json has the peer "zod", which is not optional`,
    );
  });
});

test("dnt's package and the local one differ in nothing but their marks", () => {
  const manifest = JSON.parse(readFileSync(join(sound, "package.json"), "utf8")) as Record<string, unknown>;
  const { private: _, ...published } = manifest;
  const byDnt = (fields: object, files: Readonly<Record<string, string | undefined>> = {}) =>
    changed({
      "package.json": JSON.stringify({ ...published, _generatedBy: "dnt@dev", ...fields }),
      ...files,
    })
      .folder;
  expect(differences(byDnt({}), sound)).toEqual([]);
  expect(
    differences(
      byDnt({ module: "./esm/other.js" }, { "esm/_dnt.shims.js": "", "esm/src/ride.js": undefined }),
      sound,
    ),
  ).toEqual([
    "dnt alone makes esm/_dnt.shims.js",
    "the local builder alone makes esm/src/ride.js",
    `package.json has "module": "./esm/other.js" by dnt, "./esm/mod.js" by the local builder`,
  ]);
});
