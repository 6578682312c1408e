import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../cli/config.ts";
import { folderOf, serving, sitebus } from "./_serve.ts";
import { ask as askWorker, LONG_MS, startWorkers } from "./_workers.ts";

const SHOP = `
  export default (guest) => {
    console.log("shop: made");
    const db = guest.use({ name: "db", start: () => "open", stop: () => console.log("shop: closed") });
    return (request) => new Response("the shop at " + new URL(request.url).pathname + ", " + db.value);
  };`;
const BLOG = `
  console.log("blog: loaded");
  let reads = 0;
  export const setup = (guest) => void guest.use({ name: "pages", stop: () => console.log("blog: closed") });
  export default { fetch: () => new Response("the blog, read " + ++reads) };`;
const BROKEN = `throw new Error("broken on purpose");`;

/** Serves what a config file says; its modules stand beside it. */
async function servingApps(config: object, files: Readonly<Record<string, string>>) {
  const folder = folderOf({ "sitebus.config.json": JSON.stringify(config), ...files });
  const program = await serving(`--config=${join(folder, "sitebus.config.json")}`);
  const ask = async (path: string) => {
    const response = await fetch(new URL(path, program.url));
    return [response.status, await response.text()] as const;
  };
  return { program, ask };
}

test("several modules are served behind one server, each loaded when it is needed", async () => {
  const { program, ask } = await servingApps({
    apps: {
      "/shop": { module: "./shop.mjs", warm: true, rights: ["reload"] },
      "/blog": "./blog.mjs",
      "/bad": "./bad.mjs",
    },
  }, { "shop.mjs": SHOP, "blog.mjs": BLOG, "bad.mjs": BROKEN });
  // The one that is warm was made before the server listens; no other.
  const lines = program.lines.join("\n");
  expect(lines.indexOf("shop: made")).toBeLessThan(lines.indexOf("http is up"));
  expect(lines).toContain("shop: made");
  expect(lines).not.toContain("blog: loaded");
  expect(lines).toContain(`/shop, /blog, /bad at http://127.0.0.1:`);
  expect(await ask("/shop/cart")).toEqual([200, "the shop at /shop/cart, open"]);
  expect(await ask("/blog")).toEqual([200, "the blog, read 1"]);
  expect(await ask("/blog/1")).toEqual([200, "the blog, read 2"]);
  expect((await ask("/"))[0]).toBe(404);
  // What is broken is so for its path alone.
  expect((await ask("/bad"))[0]).toBe(503);
  await program.waitForLine("broken on purpose");
  expect(await ask("/blog")).toEqual([200, "the blog, read 3"]);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
  expect(program.lines).toEqual(expect.arrayContaining(["shop: closed", "blog: closed"]));
});

test("several modules are served by several workers, too", async () => {
  const folder = folderOf({
    "sitebus.config.json": JSON.stringify({
      apps: { "/shop": { module: "./shop.mjs", warm: true }, "/blog": "./blog.mjs" },
    }),
    "shop.mjs": SHOP,
    "blog.mjs": BLOG,
  });
  const program = await startWorkers(`--config=${join(folder, "sitebus.config.json")}`);
  expect(program.lines.filter((line) => line === "shop: made")).toHaveLength(2);
  expect(await askWorker(program.port, "/shop/cart")).toBe("the shop at /shop/cart, open");
  expect(await askWorker(program.port, "/blog")).toBe("the blog, read 1");
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
  expect(program.lines.filter((line) => line === "shop: closed")).toHaveLength(2);
}, LONG_MS);

test("what is idle is given up, and made anew by its next request", async () => {
  const { program, ask } = await servingApps({ apps: { "/": { module: "./blog.mjs", idleMs: "50ms" } } }, {
    "blog.mjs": BLOG,
  });
  expect(await ask("/")).toEqual([200, "the blog, read 1"]);
  await program.waitForLine("blog: closed");
  // Its module stays loaded.
  expect(await ask("/")).toEqual([200, "the blog, read 2"]);
});

test("a fetch function, which is no factory, is refused with what is expected", async () => {
  const { program, ask } = await servingApps({ apps: { "/": "./app.mjs" } }, {
    "app.mjs": `export default () => new Response("hello");`,
  });
  expect((await ask("/"))[0]).toBe(503);
  expect(await program.waitForLine("returned a Response")).toContain(
    "a module of apps exports a factory, (guest) => application, or an object with fetch",
  );
});

describe("apps that cannot be used are named, with what is wrong", () => {
  test.each<[unknown, string]>([
    [
      ["./a.ts"],
      'apps is a list: expected modules by their paths, such as { "/shop": "./shop.ts", "/": "./main.ts" }',
    ],
    [{}, "apps is empty: expected modules by their paths"],
    [{ shop: "./a.ts" }, '"shop" of apps is no path: expected one such as "/shop", or "/"'],
    [{ "/shop/": "./a.ts" }, '"/shop/" of apps is no path'],
    [
      { "/a": 5 },
      '"/a" of apps is 5: expected a module such as "./shop.ts", or { "module": "./shop.ts", "warm": true }',
    ],
    [{ "/a": {} }, '"/a" of apps has no module: expected a module'],
    [
      { "/a": { module: "./a.ts", wram: true } },
      '"/a" of apps has the unknown key "wram": expected one of module, name, rights, warm, idleMs, within',
    ],
    [
      { "/a": { module: "./a.ts", rights: ["relod"] } },
      '"/a" of apps has the unknown right "relod": expected one of',
    ],
    [{ "/a": { module: "./a.ts", warm: "yes" } }, '"/a" of apps has "warm": "yes": expected true or false'],
    [{ "/a": { module: "./a.ts", idleMs: -1 } }, '"/a" of apps has "idleMs": -1: expected a time from 0s'],
    [
      { "/a": { module: "./a.ts", warm: true, idleMs: 5 } },
      '"/a" of apps has both "warm" and "idleMs": expected one of them',
    ],
  ])("%j", async (apps, why) => {
    const folder = folderOf({ "sitebus.config.json": JSON.stringify({ apps }) });
    await expect(readConfig(undefined, folder)).rejects.toThrow(`Cannot use "sitebus.config.json": ${why}`);
  });

  test("paths are relative to the file, and times are text or milliseconds", async () => {
    const folder = folderOf({
      "sitebus.config.json": JSON.stringify({
        apps: { "/shop": "./shop.ts", "/": { module: "file:///main.ts", idleMs: "2m", within: 5 } },
      }),
    });
    expect((await readConfig(undefined, folder))?.values.apps).toEqual([
      { path: "/shop", module: join(folder, "shop.ts") },
      { path: "/", module: "file:///main.ts", idleMs: 120_000, within: 5 },
    ]);
  });

  test("a module that is not there, or one beside the apps, ends it before anything starts", async () => {
    const folder = folderOf({ "sitebus.config.json": JSON.stringify({ apps: { "/a": "./a.mjs" } }) });
    const missing = await sitebus(["serve"], { cwd: folder }).exited;
    expect([missing.code, missing.lines]).toEqual([70, [
      `sitebus: Cannot load "${join(folder, "a.mjs")}": there is no file "${
        join(folder, "a.mjs")
      }", for "/a" of apps`,
    ]]);
    const both = await sitebus(["serve", "b.mjs"], { cwd: folder }).exited;
    expect([both.code, both.lines.length, both.lines[0]]).toEqual([
      64,
      1,
      expect.stringContaining(
        '"b.mjs" is one module, and "sitebus.config.json" has several, as apps: expected one or the other',
      ),
    ]);
    const file = folderOf({
      "sitebus.config.json": JSON.stringify({ module: "./b.mjs", apps: { "/a": "./a.mjs" } }),
    });
    const inFile = await sitebus(["serve"], { cwd: file }).exited;
    expect([inFile.code, inFile.lines]).toEqual([78, [
      'sitebus: Cannot use "sitebus.config.json": module and apps are both there: expected one',
    ]]);
  });
});
