import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findModule } from "../../cli/find_module.ts";
import { folderOf, sitebus } from "./_serve.ts";

const APPLICATION = `export default () => new Response("found");`;

describe("the module that is found where none is named", () => {
  test.each<[string, string[], string | undefined]>([
    ["app before server and index", ["index.ts", "server.ts", "app.js"], "app.js"],
    ["server before index", ["index.js", "server.mjs"], "server.mjs"],
    [".ts before .js", ["app.js", "app.ts"], "app.ts"],
    ["this folder before src", ["src/app.ts", "index.mjs"], "index.mjs"],
    ["src where this folder has none", ["src/server.js", "lib/app.ts"], join("src", "server.js")],
    ["none of another name", ["main.ts", "app.json", "app.ts.bak"], undefined],
    ["nothing in an empty folder", [], undefined],
  ])("%s", (_, files, expected) => {
    expect(findModule(folderOf(Object.fromEntries(files.map((file) => [file, ""]))))).toBe(expected);
  });

  test.each<[string, string | undefined]>([
    ['{ "main": "lib/start.js" }', "lib/start.js"],
    ['{ "main": "nowhere.js" }', undefined],
    ['{ "main": 5 }', undefined],
    ["no JSON", undefined],
  ])("package.json with %s names %s", (text, expected) => {
    expect(findModule(folderOf({ "package.json": text, "lib/start.js": "" }))).toBe(expected);
  });

  test("is no folder of such a name", () => {
    expect(findModule(folderOf({ "app.ts/x": "", "index.js": "" }))).toBe("index.js");
  });
});

test("sitebus serve tells which module it has found, and listens on $PORT", async () => {
  const folder = folderOf({ "package.json": `{ "main": "lib/start.mjs" }`, "lib/start.mjs": APPLICATION });
  // The port is free, and is told; the config file of the repository's own folder is none.
  const program = sitebus(["serve", "--json"], { cwd: folder, env: { PORT: "0" } });
  const serving = JSON.parse(await program.waitForLine('"event":"serving"')) as { url: string };
  expect(serving).toMatchObject({
    module: "lib/start.mjs",
    runtime: expect.stringMatching(/^(Node|Deno|Bun) /),
  });
  expect(new URL(serving.url).port).not.toBe("3000");
  expect(await (await fetch(serving.url)).text()).toBe("found");
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});
