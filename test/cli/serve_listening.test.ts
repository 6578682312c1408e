import { once } from "node:events";
import { existsSync } from "node:fs";
import { request as ask } from "node:http";
import { request as askSecurely } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { CERT, KEY } from "./_certificates.ts";
import { runtime } from "../spawn.ts";
import { connect, folderOf, moduleOf, serving, sitebus } from "./_serve.ts";

const HELLO = `export default (request) => new Response("hello " + new URL(request.url).pathname);`;

/** An application that has the paths that it has, and no others. */
const ROUTES = (...paths: string[]) => `
  export default (request) => {
    const { pathname } = new URL(request.url);
    return ${JSON.stringify(["/", ...paths])}.includes(pathname)
      ? new Response("mine")
      : new Response("nothing here", { status: 404 });
  };`;

/** Asks on a unix socket. */
async function askSocket(socketPath: string, path = "/"): Promise<string> {
  const request = ask({ socketPath, path, agent: false, headers: { host: "localhost" } }).end();
  const [response] = await once(request, "response");
  return await text(response);
}

describe("--tls-cert and --tls-key", () => {
  test("serve HTTPS", async () => {
    const folder = folderOf({ "app.mjs": HELLO, "a.crt": CERT, "a.key": KEY });
    const [cert, key] = [join(folder, "a.crt"), join(folder, "a.key")];
    const program = await serving(join(folder, "app.mjs"), "--tls-cert", cert, "--tls-key", key);
    expect(program.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
    const request = askSecurely(program.url, { ca: CERT, headers: { connection: "close" } }).end();
    const [response] = await once(request, "response");
    expect(await text(response)).toBe("hello /");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });
});

describe("a certificate, for which Node's servers serve on every runtime,", () => {
  const asked = async (source: string) => {
    const folder = folderOf({ "app.mjs": source, "a.crt": CERT, "a.key": KEY });
    const [cert, key] = [join(folder, "a.crt"), join(folder, "a.key")];
    const program = await serving(join(folder, "app.mjs"), "--tls-cert", cert, "--tls-key", key);
    const request = askSecurely(`${program.url}a?b=c`, {
      ...{ ca: CERT, method: "POST", headers: { connection: "close", "x-one": "1" } },
    }).end("body");
    const [response] = await once(request, "response");
    return { text: await text(response), program };
  };

  test("lets middleware copy a request, and tells the client", async () => {
    const { text, program } = await asked(`export default async (request, connection) => {
      const copy = new Request(request, { headers: { "x-more": "1" } });
      const { remoteAddr, server, incoming } = connection;
      const address = remoteAddr?.hostname ?? server?.requestIP(request).address ?? incoming.socket.remoteAddress;
      return Response.json([copy.method, copy.headers.get("x-more"), copy.url, await copy.text(), address]);
    };`);
    expect(JSON.parse(text)).toEqual(["POST", "1", `${program.url}a?b=c`, "body", "127.0.0.1"]);
  });

  test("refuses what only the runtime's own server can do, by name", async (context) => {
    if (runtime === "node") context.skip("on Node, node:http2 is the runtime's own server");
    const { text } = await asked(`export default (request, { server }) => {
      try {
        if ("Bun" in globalThis) server.upgrade(request);
        else Deno.upgradeWebSocket(request);
        return new Response("upgraded");
      } catch (error) {
        return new Response(error.message);
      }
    };`);
    const what = runtime === "bun" ? "server.upgrade" : "Deno.upgradeWebSocket";
    expect(text).toContain(`Cannot use ${what} with --tls-cert: `);
  });
});

describe("--unix", () => {
  test("serves on a socket, which is gone after the stop", async () => {
    const path = join(folderOf({}), "app.sock");
    const program = await serving(moduleOf(HELLO), "--unix", path, "--health");
    expect(program.url).toBe(`unix:${path}`);
    expect(await askSocket(path)).toBe("hello /");
    expect(await askSocket(path, "/readyz")).toContain('"state":"run"');
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  test("takes over what a dead process left behind", async () => {
    const path = join(folderOf({}), "app.sock");
    const module = moduleOf(HELLO);
    const killed = await serving(module, "--unix", path);
    killed.kill("SIGKILL");
    await killed.exited;
    expect(existsSync(path)).toBe(true);
    const program = await serving(module, "--unix", path);
    expect(await askSocket(path)).toBe("hello /");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });

  test("refuses one on which another process listens, in one line and with 70", async () => {
    const path = join(folderOf({}), "app.sock");
    const other = createServer();
    onTestFinished(() => void other.close());
    await new Promise<void>((resolve) => other.listen(path, resolve));
    const { code, lines } = await sitebus(["serve", moduleOf(HELLO), "--unix", path]).exited;
    expect(code).toBe(70);
    expect(lines.filter((line) => line.includes("error"))).toEqual([
      `sitebus: error: http did not start: Cannot listen on "${path}": another process listens there`,
    ]);
    expect(existsSync(path)).toBe(true);
  });
});

describe("--health", () => {
  test.each([["", []], ["/internal", ["/internal"]]])(
    "answers %s/livez, /readyz and /startupz",
    async (prefix, value) => {
      const { url } = await serving(moduleOf(ROUTES()), "--health", ...value);
      for (const path of ["livez", "readyz", "startupz"]) {
        const response = await fetch(`${url}${prefix.slice(1)}${prefix && "/"}${path}`);
        expect([path, response.status]).toEqual([path, 200]);
        expect(await response.json()).toMatchObject({ state: "run", settled: true });
      }
      expect(await (await fetch(url)).text()).toBe("mine");
    },
  );

  test("is off where nobody asks for it", async () => {
    const { url } = await serving(moduleOf(ROUTES()));
    expect((await fetch(`${url}readyz`)).status).toBe(404);
  });

  test("says that it is not ready while a component's check fails", async () => {
    const { url } = await serving(
      moduleOf(`${ROUTES()}
        export const setup = (bus) => void bus.use({ name: "db", check: () => { throw new Error("a secret"); } });`),
      "--health",
    );
    const response = await fetch(`${url}readyz`);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("secret");
    expect((await fetch(`${url}livez`)).status).toBe(200);
  });

  test("with a port answers there and nowhere else", async () => {
    const port = await freePort();
    const { url } = await serving(moduleOf(ROUTES("/readyz")), "--health", String(port));
    expect(await (await fetch(`${url}readyz`)).text()).toBe("mine");
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  });

  test("wins over a path that the application serves, too, which is never asked for it", async () => {
    const { url } = await serving(moduleOf(ROUTES("/livez")), "--health");
    expect(await (await fetch(`${url}livez`)).json()).toMatchObject({ state: "run", settled: true });
    expect(await (await fetch(`${url}livez`, { method: "POST" })).text()).toBe("mine");
  });
});

test("--lame-duck goes on serving, not ready, and every answer ends its connection", async () => {
  const program = await serving(moduleOf(ROUTES()), "--health", "--lame-duck", "1500ms");
  const began = performance.now();
  program.kill("SIGTERM");
  await program.waitForLine("stopping");
  const ready = await fetch(`${program.url}readyz`);
  expect(ready.status).toBe(503);
  const response = await fetch(program.url);
  expect([response.status, response.headers.get("connection")]).toEqual([200, "close"]);
  expect(await response.text()).toBe("mine");
  await ready.body?.cancel();
  const { code } = await program.exited;
  expect(code).toBe(0);
  expect(performance.now() - began).toBeGreaterThan(1500);
  expect(performance.now() - began).toBeLessThan(patient(5000));
});

test("a request's signal fires before it would be cut, so that a stream ends in order", async () => {
  const program = await serving(
    moduleOf(`
      export default ({ signal }) => new Response(new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("begun "));
          signal.addEventListener("abort", () => {
            controller.enqueue(new TextEncoder().encode("ended in order"));
            controller.close();
          });
        },
      }));`),
    "--stop-within",
    "3s",
  );
  const client = await connect(program.url);
  client.get("/");
  await client.received("begun");
  program.kill("SIGTERM");
  expect(await client.closed).toContain("ended in order");
  const { code, lines } = await program.exited;
  expect(code).toBe(0);
  expect(lines.join("\n")).not.toContain("cut");
});

test("graceful stops the server and starts it again, in the same process", async () => {
  const asks = `import process from "node:process";
    export const setup = (bus) => void process.on("SIGUSR2", () => bus.graceful());`;
  const program = await serving(moduleOf(`${asks} ${HELLO}`));
  program.kill("SIGUSR2");
  await program.waitForLine("http is stopped");
  const up = () => program.lines.filter((line) => line.includes("http is up"));
  await expect.poll(() => up().length, { timeout: patient(5000) }).toBe(2);
  const [url = ""] = /http:\S+$/.exec(up()[1] ?? "") ?? [];
  expect(await (await fetch(url)).text()).toBe("hello /");
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});

test("--json says each thing as an object", async () => {
  const module = moduleOf(
    `${HELLO} export const setup = (bus) => bus.subscribe("run", () => void bus.exit());`,
  );
  const { code, lines } = await sitebus(["serve", module, "--port", "0", "--json"]).exited;
  expect(code).toBe(0);
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records).toContainEqual(expect.objectContaining({ component: "http", status: "up" }));
});

test("--quiet says nothing where nothing is wrong", async () => {
  const module = moduleOf(
    `${HELLO} export const setup = (bus) => bus.subscribe("run", () => void bus.exit());`,
  );
  const { code, lines } = await sitebus(["serve", module, "--port", "0", "--quiet"]).exited;
  expect([code, lines]).toEqual([0, []]);
});

/** A port that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
