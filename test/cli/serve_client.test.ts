/**
 * What an application knows of the client, and of the connection.
 * @module
 */
import { expect, test } from "vitest";
import { fileURLToPath } from "node:url";
import { runtime } from "../spawn.ts";
import { moduleOf, serving } from "./_serve.ts";

const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));

test("an Express application has the address of the client, and behind a proxy the one that the proxy tells", async () => {
  const { url } = await serving(moduleOf(`
    import { createRequire } from "node:module";
    const express = createRequire("${modules}")("express");
    const app = express();
    app.set("trust proxy", "loopback");
    app.get("/", (req, res) => res.json([req.ip, req.socket.remoteAddress, typeof req.socket.remotePort]));
    export default { node: app };`));
  expect(await (await fetch(url)).json()).toEqual(["127.0.0.1", "127.0.0.1", "number"]);
  const proxied = await fetch(url, { headers: { "X-Forwarded-For": "203.0.113.7" } });
  expect(await proxied.json()).toEqual(["203.0.113.7", "127.0.0.1", "number"]);
});

test.each([
  [
    "app.mjs",
    `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
    "export default",
  ],
  ["app.cjs", "", "module.exports ="],
])("an Express application is served as it is exported, by %s", async (name, first, exported) => {
  const { url } = await serving(moduleOf(
    `${first} const app = require("${modules}express")();
    app.get("/", (req, res) => res.send("Hello " + req.ip));
    ${exported} app;`,
    name,
  ));
  expect(await (await fetch(url)).text()).toBe("Hello 127.0.0.1");
});

/** Where each runtime's own `getConnInfo` of Hono is; on Node it is a package of its own, which does what is written here. */
const CONN_INFO = {
  deno: `import { getConnInfo } from "${modules}hono/dist/adapter/deno/index.js";`,
  bun: `import { getConnInfo } from "${modules}hono/dist/adapter/bun/index.js";`,
  node: `const getConnInfo = (c) => {
    const { incoming } = c.env.server ?? c.env;
    return { remote: { address: incoming.socket.remoteAddress, port: incoming.socket.remotePort } };
  };`,
};

test("getConnInfo of Hono tells the address of the client", async () => {
  const { url } = await serving(moduleOf(`
    import { Hono } from "${modules}hono/dist/index.js";
    ${CONN_INFO[runtime]}
    const app = new Hono();
    app.get("/", (c) => {
      const { address, port } = getConnInfo(c).remote;
      return c.json([address, typeof port]);
    });
    export default app;`));
  expect(await (await fetch(url)).json()).toEqual(["127.0.0.1", "number"]);
});

test("a request can be copied with another header, with what it knows of the connection, and its body", async () => {
  const { url } = await serving(moduleOf(`
    export default async (request, connection) => {
      const plain = new Request(request.clone(), connection);
      const copy = new Request(request, { headers: { "X-Copied": "yes" } });
      const body = await copy.text();
      return Response.json([plain.method, copy.headers.get("X-Copied"), body, copy instanceof Request]);
    };`));
  const answer = await fetch(url, { method: "POST", body: "tea" });
  expect(await answer.json()).toEqual(["POST", "yes", "tea", true]);
});

test("an idle connection is kept for longer than a load balancer keeps it, or as long as --keep-alive says", async (context) => {
  if (runtime !== "node") return context.skip("only Node says it to the client");
  const module = moduleOf(`export default () => new Response("ok");`);
  const byDefault = await serving(module);
  expect((await fetch(byDefault.url)).headers.get("keep-alive")).toBe("timeout=65");
  const typed = await serving(module, "--keep-alive", "620s");
  expect((await fetch(typed.url)).headers.get("keep-alive")).toBe("timeout=620");
  const node = await serving(
    moduleOf(`export default { node: (req, res) => res.end("ok") };`),
    "--keep-alive",
    "7s",
  );
  expect((await fetch(node.url)).headers.get("keep-alive")).toBe("timeout=7");
});
