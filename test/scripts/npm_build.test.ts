/**
 * The local builder: what it makes of sound sources, and what it says of others.
 * @module
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { command } from "../../scripts/command.ts";
import { requireTool, root } from "../../scripts/tools.ts";
import { filesBelow, withoutComments, withTabs } from "../../scripts/npm/finish.ts";
import { buildLocally } from "../../scripts/npm/build_local.ts";
import { npmBuildOptions } from "../../scripts/npm/options.ts";
import { makeTree, SOUND, withFields } from "./_package_tree.ts";

const tops: string[] = [];
const tree = (files: Readonly<Record<string, string>>) => {
  const top = makeTree({ ...SOUND, ...files });
  tops.push(top);
  return top;
};

afterAll(() => {
  for (const top of tops) rmSync(top, { recursive: true });
});

describe("a package of sound sources", () => {
  let npm: string;
  const read = (path: string) => readFileSync(join(npm, path), "utf8");

  // Into a folder that is full of something else.
  beforeAll(() => {
    const top = tree({ "npm/esm/src/left_over.js": "left over", "npm/notes.txt": "left over" });
    npm = join(top, "npm");
    buildLocally(top, npm);
  }, patient(60_000));

  test("has what the entry points import, and nothing of what was in the folder", () => {
    expect(readdirSync(npm).sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "esm", "package.json"]);
    expect(filesBelow(npm, "esm")).toEqual([
      "esm/cli/main.js",
      "esm/mod.d.ts",
      "esm/mod.js",
      "esm/platforms/posix.d.ts",
      "esm/platforms/posix.js",
      "esm/src/fare.d.ts",
      "esm/src/ride.d.ts",
      "esm/src/ride.js",
      "esm/src/ticket.d.ts",
      "esm/src/tickets.d.ts",
      "esm/src/way.d.ts",
    ]);
  });

  test("has its docs in the declarations, and its texts unchanged", () => {
    expect(read("esm/src/ride.d.ts")).toContain("/** Rides, and says so. */");
    expect(read("esm/src/ride.js")).toBe(`var price = Number("3");
function ride(ticket, fare) {
\treturn \`From
    \${ticket.from}
      for \${fare ?? price}\`;
}
export { ride };
`);
  });

  test("has in one module what several entry points share", () => {
    expect(read("esm/mod.js")).toBe(`import { ride } from "./src/ride.js";\nexport { ride };\n`);
    expect(read("esm/platforms/posix.js")).toContain(`import "../src/ride.js";\n`);
    expect(read("esm/cli/main.js")).not.toContain("ride");
  });

  test("declares what the entry points lead to, and nothing besides", () => {
    expect(read("esm/src/ride.d.ts")).toContain(`import type { Fare, Ticket } from "./tickets.js";`);
    expect(read("esm/src/ticket.d.ts")).toBe(`import type { Stop } from "./way.js";
/** A ticket, as read in sitebus. */
export interface Ticket {
\t/** Where. */
\treadonly from: Stop;
}
`);
    expect(read("esm/src/way.d.ts")).toBe("/** A stop. */\nexport type Stop = string;\n");
  });

  test("has a command that can be run", () => {
    expect(read("esm/cli/main.js")).toMatch(/^#!\/usr\/bin\/env node\nvar VERSION = /);
    expect(statSync(join(npm, "esm/cli/main.js")).mode & 0o111).toBe(0o111);
  });

  test("is marked private, so that npm refuses to publish it", () => {
    expect(JSON.parse(read("package.json"))).toMatchObject({
      private: true,
      type: "module",
      sideEffects: false,
      bin: { sitebus: "./esm/cli/main.js" },
      exports: {
        ".": { types: "./esm/mod.d.ts", default: "./esm/mod.js" },
        "./posix": { types: "./esm/platforms/posix.d.ts", default: "./esm/platforms/posix.js" },
        "./package.json": "./package.json",
      },
    });
  });
});

test("indents are tabs, but in a text", () => {
  expect(withTabs("if (a) {\n    b(`\n    c`);\n        d();\n}\n")).toBe(
    "if (a) {\n\tb(`\n    c`);\n\t\td();\n}\n",
  );
});

test("comments go, and what only looks like one stays", () => {
  expect(withoutComments(`#!/usr/bin/env node
/** Docs. */
export const a = "// no comment", b = /\\/\\*/;
if (a) { // why
    console.log(\`/* no comment */
        here\`);
}
`)).toBe(`#!/usr/bin/env node
export const a = "// no comment", b = /\\/\\*/;
if (a) {
    console.log(\`/* no comment */
        here\`);
}
`);
});

test("a file in the place of the folder gives way to it", { timeout: patient(60_000) }, () => {
  const top = tree({ npm: "a file" });
  buildLocally(top, join(top, "npm"));
  expect(existsSync(join(top, "npm/package.json"))).toBe(true);
});

describe("no package is built, and the one that is there stays, where", () => {
  const refused = (files: Readonly<Record<string, string>>, gone?: string) => {
    const top = tree({ "npm/package.json": "{}", ...files });
    if (gone !== undefined) rmSync(join(top, gone));
    let said = "nothing";
    try {
      buildLocally(top, join(top, "npm"));
    } catch (error) {
      if (error instanceof Error) said = error.message;
    }
    expect(readFileSync(join(top, "npm/package.json"), "utf8")).toBe("{}");
    return said;
  };

  test("the file of an entry point is gone", () => {
    expect(refused({}, "platforms/posix.ts")).toBe(
      `Cannot build the npm package: exports "./posix": there is no ./platforms/posix.ts: ` +
        `bring the file back, or mend deno.json and package.json`,
    );
  });

  test.for(["cli/main.ts", "LICENSE"])("there is no %s", (path) => {
    expect(refused({}, path)).toContain(`there is no ${path.startsWith("cli") ? "./" : ""}${path}`);
  });

  test.for(
    [
      [
        "deno.json",
        withFields("deno.json", { version: "1.2.4" }),
        `deno.json has "1.2.4", package.json "1.2.3"`,
      ],
      ["package.json", withFields("package.json", { version: "1.3.0" }), `package.json "1.3.0"`],
      ["CHANGELOG.md", { "CHANGELOG.md": "## 1.2.2\n" }, `the top entry of CHANGELOG.md "1.2.2"`],
      [
        "cli/version.ts",
        { "cli/version.ts": `export const VERSION = "2.0.0";\n` },
        `VERSION in cli/version.ts "2.0.0"`,
      ],
    ] as const,
  )("%s has another version", ([, files, found]) => {
    const said = refused(files);
    expect(said).toMatch(/^Cannot build the npm package: version: .*: write the same in all of them$/);
    expect(said).toContain(found);
  });

  test("an entry point is in one manifest alone", () => {
    expect(refused(withFields("deno.json", { exports: { ".": "./mod.ts" } }))).toContain(
      `exports "./posix": deno.json has nothing, package.json "./platforms/posix.ts"`,
    );
  });
});

test("sources that do not compile leave no package", { timeout: patient(60_000) }, () => {
  const top = tree({ "npm/package.json": "{}", "src/_price.ts": `export const price: number = "three";\n` });
  expect(() => buildLocally(top, join(top, "npm"))).toThrow(
    /^Cannot build the npm package: it does not compile\nsrc\/_price\.ts\(1,14\): error TS2322/,
  );
  expect(existsSync(join(top, "npm/package.json"))).toBe(false);
});

test("what is imported of a peer is none of the dependencies, and an optional peer may be left out", () => {
  const top = tree(withFields("package.json", {
    peerDependencies: { zod: "^4" },
    peerDependenciesMeta: { zod: { optional: true } },
    repository: { type: "git", url: "git+https://example.org/sitebus.git" },
  }));
  const options = npmBuildOptions(top);
  expect(options.mappings).toEqual({ "npm:zod@^4": { name: "zod", version: "^4", peerDependency: true } });
  expect(options.package).toMatchObject({
    dependencies: {},
    peerDependencies: { zod: "^4" },
    peerDependenciesMeta: { zod: { optional: true } },
    repository: { type: "git", url: "git+https://example.org/sitebus.git" },
  });
});

test("the package says of itself what nothing else can find out", () => {
  const { shims, scriptModule, typeCheck, package: fields } = npmBuildOptions();
  expect({ shims, scriptModule, typeCheck }).toEqual({ shims: {}, scriptModule: false, typeCheck: "single" });
  expect(fields).toMatchObject({ engines: { node: ">=20.19" }, sideEffects: false, type: "module" });
  expect(fields.description).not.toBe("");
  expect(Object.keys(fields.dependencies)).toEqual(["commander", "srvx"]);
});

describe("dnt", () => {
  const build = join(root, "scripts/build_npm.ts");
  const types = join(root, "test/types/dnt.ts");
  const deno = (...args: string[]) =>
    command(requireTool("deno"), args, { env: { NO_COLOR: "1" }, timeoutMs: 30_000 });

  test("where jsr.io is out of reach, one line names the builder that does without", {
    timeout: patient(60_000),
  }, async () => {
    const kept = join(root, "npm");
    const before = existsSync(kept) ? statSync(kept).mtimeMs : undefined;
    const { code, output } = await deno("run", "-A", "--quiet", "--no-remote", build);
    expect(output).toMatch(/^Cannot load dnt from jsr\.io; npm run build:npm:local .*\n$/);
    expect(code).toBe(69);
    expect(existsSync(kept) ? statSync(kept).mtimeMs : undefined).toBe(before);
  });

  test("takes our options, by its own types", { timeout: patient(60_000) }, async (context) => {
    const { code, output, crash } = await deno("check", "--quiet", types, build);
    if (crash !== undefined || /@deno\/dnt' failed to load/.test(output)) {
      return context.skip("jsr.io does not answer, and dnt is nowhere else");
    }
    expect(output).toBe("");
    expect(code).toBe(0);
  });
});
