import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { installedExample } from "../../installed_example.ts";
import { runtime, start } from "../../spawn.ts";

const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(file).href);

test("examples/vercel answers by the database that its first request opened, and goes on after the answer", async (context) => {
  if (runtime !== "node") return context.skip("Vercel's are Node and Bun, where the tests run in threads");
  const mark = Symbol.for("@vercel/request-context");
  const works: unknown[] = [];
  Object.assign(globalThis, {
    [mark]: { get: () => ({ waitUntil: (work: unknown) => void works.push(work) }) },
  });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, mark));
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  const { default: { fetch } } = await load(`${installedExample("vercel")}/api/items.js`);
  const answer = await fetch(new Request("http://localhost/api/items"));
  expect(await answer.json()).toEqual({ tea: 3, milk: 2 });
  await Promise.all(works);
  expect(said.mock.calls).toEqual([["/api/items was visited"]]);
});

test("examples/netlify writes its visits after each request, by the waitUntil of its context", async (context) => {
  if (runtime !== "node") return context.skip("Netlify runs functions on Node");
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  const works: unknown[] = [];
  const host = { waitUntil: (work: unknown) => void works.push(work) };
  const { default: answer } = await load(`${installedExample("netlify")}/netlify/functions/items.mjs`);
  expect(await (await answer(new Request("http://localhost/items"), host)).json()).toEqual({ eur: 1.1 });
  await Promise.all(works);
  expect(said.mock.calls).toEqual([["/items was visited"]]);
});

test("examples/knative opens its database before it listens, and closes it on SIGTERM", async (context) => {
  if (runtime !== "node") return context.skip("faas-js-runtime is a host of Node");
  const args = [`${installedExample("knative")}/index.js`];
  const host = start("faas_js_runtime", { args, env: { FUNC_PORT: "0" }, timeoutMs: 20_000 });
  const port = (await host.waitForLine("listening on")).split(" ").at(-1);
  const url = `http://127.0.0.1:${port}/`;
  expect(await (await fetch(url)).json()).toEqual({ tea: 3, milk: 2 });
  expect((await fetch(`${url}health/readiness`)).status).toBe(200);
  host.kill("SIGTERM");
  const { code, lines } = await host.exited;
  expect(lines.slice(1)).toEqual(["database closed"]);
  expect(code).toBe(0);
});

test("examples/deno_deploy is served by deno serve, and closes its database on SIGINT", async (context) => {
  if (runtime !== "deno") return context.skip("it is Deno's own server");
  const folder = installedExample("deno_deploy");
  const config = `${folder}/deno.json`;
  const top = new URL("../../../", import.meta.url);
  const { exports } = JSON.parse(readFileSync(new URL("deno.json", top), "utf8"));
  // In the place of jsr.io.
  const name = "@sitebus/sitebus";
  expect(JSON.parse(readFileSync(config, "utf8")).imports).toHaveProperty(name);
  const imports = {
    [name]: new URL(exports["."], top).href,
    [`${name}/fetch`]: new URL(exports["./fetch"], top).href,
  };
  writeFileSync(config, JSON.stringify({ imports }));
  const host = start(`${folder}/main.js`, { denoServes: true, flags: ["--config", config] });
  const [url = ""] = /http:\S+/.exec(await host.waitForLine("Listening on")) ?? [];
  expect(await (await fetch(url)).json()).toEqual({ tea: 3, milk: 2 });
  host.kill("SIGINT");
  const { code, lines } = await host.exited;
  expect(lines.at(-1)).toBe("database closed");
  expect(code).toBe(0);
});
