import { createServer as createNet } from "node:net";
import { connect as connectTls } from "node:tls";
import { request } from "node:http";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { loadPort } from "../../bench/_roll_load.ts";
import { untilTimes } from "../components/units/_site_program.ts";
import { runtime, sleep } from "../spawn.ts";
import { CERT, KEY } from "./_certificates.ts";
import { folderOf, moduleOf, sitebus } from "./_serve.ts";
import { APP, ask, childrenOf, LONG_MS, startWorkers, statusOf, stopped } from "./_workers.ts";

/** Threads that listen need the C library, which older versions of Node call by koffi alone. */
const canThreads = runtime !== "node" || Number(process.versions.node.split(".")[0]) >= 26;

async function freePort(): Promise<number> {
  const server = createNet();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("threads that serve", () => {
  test("are made by the factory of the module, and rolled under load", async (context) => {
    if (!canThreads) context.skip("this version of Node has no FFI");
    const source = `
      import process from "node:process";
      export const needs = { unit: true };
      export default (unit) => async (request) => {
        if (request.method === "POST") await request.arrayBuffer();
        return new Response([unit.name, unit.slot, unit.kind, process.pid].join(" "));
      };`;
    const program = await startWorkers(moduleOf(source), ["--workers", "2", "--threads"]);
    const seen = new Set<string>();
    for (let times = 0; times < 1000 && seen.size < 2; times++) seen.add(await ask(program.port));
    expect([...seen].sort()).toEqual([1, 2].map((slot) => `web/${slot} ${slot} thread ${program.pid}`));
    const end = loadPort(program.port, false);
    program.kill("SIGHUP");
    await untilTimes(program, "is rolled", 1);
    await sleep(300);
    const counts = await end();
    for (const kind of ["new", "kept", "post"] as const) {
      expect([kind, counts[kind].failed, counts[kind].cut]).toEqual([kind, 0, 0]);
    }
    expect(program.lines.join("\n")).toContain("by 2 threads");
    await stopped(program);
  }, 2 * LONG_MS);
});

describe("workers", () => {
  test("serve HTTPS", async () => {
    const folder = folderOf({ "app.mjs": APP, "a.crt": CERT, "a.key": KEY });
    const program = await startWorkers(join(folder, "app.mjs"), [
      ...["--workers", "1", "--tls-cert", join(folder, "a.crt"), "--tls-key", join(folder, "a.key")],
    ]);
    expect(program.url).toMatch(/^https:/);
    const socket = connectTls({ port: program.port, host: "127.0.0.1", rejectUnauthorized: false });
    socket.write("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    let text = "";
    for await (const part of socket) text += part;
    expect(text).toMatch(/web\/1 \d+/);
    await stopped(program);
  }, LONG_MS);

  test("serve on a unix socket", async () => {
    const path = join(folderOf({}), "app.sock");
    const program = await startWorkers(moduleOf(APP), ["--workers", "2", "--unix", path]);
    const text = await new Promise<string>((resolve, reject) => {
      request({ socketPath: path, path: "/", agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => text += part).on("end", () => resolve(text));
      }).on("error", reject).end();
    });
    expect(text).toMatch(/^web\/[12] \d+$/);
    await stopped(program);
    expect(existsSync(path)).toBe(false);
  }, LONG_MS);

  test("say which unit speaks in each record of JSON", async () => {
    const source = `${APP}
      export function setup(bus) { bus.subscribe("run", () => bus.log("my line", { event: "mine" })); }`;
    const program = sitebus(["serve", moduleOf(source), "--port", "0", "--workers", "2", "--json"], {
      timeoutMs: LONG_MS,
    });
    await program.waitForLine('"event":"serving"');
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(code).toBe(0);
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const mine = records.filter(({ event }) => event === "mine").map(({ unit }) => unit);
    expect(mine.sort()).toEqual(["web/1", "web/2"]);
    expect(records.find(({ event }) => event === "serving")).toMatchObject({ bus: "sitebus", workers: 2 });
    expect(records.filter(({ event }) => event === "unit ready")).toHaveLength(2);
  }, LONG_MS);

  test("name their unit in each line for people", async () => {
    const source = `${APP} export function setup(bus) { bus.subscribe("run", () => bus.log("my line")); }`;
    const program = await startWorkers(moduleOf(source), ["--workers", "1"]);
    expect(program.lines).toContain("sitebus: web/1: my line");
    expect(program.lines.filter((line) => line.startsWith("sitebus: web/1: "))).toHaveLength(1);
    await stopped(program);
  }, LONG_MS);

  test("serve on for the lame duck, and are not ready meanwhile", async () => {
    const args = ["--workers", "1", "--health", "--lame-duck", "2s"];
    const program = await startWorkers(moduleOf(APP), args);
    expect(await statusOf(program.port, "/readyz")).toBe(200);
    program.kill("SIGTERM");
    await program.waitForLine("SIGTERM: stopping");
    await expect.poll(() => statusOf(program.port, "/readyz")).toBe(503);
    expect(await ask(program.port)).toMatch(/^web\/1 \d+$/);
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test("leave the health on a port of its own to the site", async () => {
    const port = await freePort();
    const program = await startWorkers(moduleOf(APP), ["--workers", "2", "--health", String(port)]);
    expect(program.lines.join("\n")).toContain(`its health at http://127.0.0.1:${port}/`);
    expect(await statusOf(port, "/readyz")).toBe(200);
    for (const pid of childrenOf(program.pid)) program.kill("SIGKILL", pid);
    await expect.poll(() => statusOf(port, "/readyz")).toBe(503);
    expect(await statusOf(port, "/livez")).toBe(200);
    await expect.poll(() => statusOf(port, "/readyz")).toBe(200);
    await stopped(program);
  }, LONG_MS);

  test("are refused what only the runtime's own server can do, by name", async (context) => {
    if (runtime === "node") context.skip("on Node, node:http is the runtime's own server");
    const source = `
      export default (request, { server }) => {
        try {
          if ("Bun" in globalThis) server.upgrade(request);
          else Deno.upgradeWebSocket(request);
          return new Response("upgraded");
        } catch (error) {
          return new Response(error.message);
        }
      };`;
    const program = await startWorkers(moduleOf(source), ["--workers", "1"]);
    const what = runtime === "bun" ? "server.upgrade" : "Deno.upgradeWebSocket";
    expect(await ask(program.port)).toContain(`Cannot use ${what} with --workers: `);
    await stopped(program);
  }, LONG_MS);

  test("let middleware copy a request", async () => {
    const source = `export default async (request) => {
      const copy = new Request(request, { headers: { "x-more": "1" } });
      return Response.json([copy instanceof Request, copy.method, copy.headers.get("x-more"), copy.url]);
    };`;
    const program = await startWorkers(moduleOf(source), ["--workers", "1"]);
    expect(JSON.parse(await ask(program.port, "/a"))).toEqual([
      ...[true, "GET", "1", `http://127.0.0.1:${program.port}/a`],
    ]);
    await stopped(program);
  }, LONG_MS);

  test("tell the application the address of its client, as the runtime's own server does", async () => {
    const source = `
      export default (request, connection) => Response.json(
        "Bun" in globalThis ? connection.server.requestIP(request).address
        : "Deno" in globalThis ? connection.remoteAddr.hostname
        : connection.incoming.socket.remoteAddress);`;
    const program = await startWorkers(moduleOf(source), ["--workers", "1"]);
    expect(JSON.parse(await ask(program.port))).toBe("127.0.0.1");
    await stopped(program);
  }, LONG_MS);
});

describe("a module that needs one request at a time", () => {
  const source = `
    let inside = 0;
    export const needs = { concurrency: "one" };
    export default async () => {
      const most = ++inside;
      await new Promise((resolve) => setTimeout(resolve, 50));
      inside--;
      return new Response(String(most));
    };`;

  test.each([[[]], [["--workers", "1"]]])("is refused with %j, naming what would do", async (args) => {
    const program = sitebus(["serve", moduleOf(source), "--port", "0", ...args], { timeoutMs: LONG_MS });
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    expect(lines.join("\n")).toMatch(/it needs the concurrency "one".*--serialize gives it that/);
  }, LONG_MS);

  test.each([[[]], [["--workers", "1"]]])("is served in turn with --serialize and %j", async (args) => {
    const program = await startWorkers(moduleOf(source), [...args, "--serialize"]);
    const answers = await Promise.all([1, 2, 3].map(() => ask(program.port)));
    expect(answers).toEqual(["1", "1", "1"]);
    await stopped(program);
  }, LONG_MS);
});
