import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { type BunServeLike, httpServer } from "../../../components/http.ts";
import { sleep } from "../../spawn.ts";
import { cert, key } from "./_certificate.ts";
import { connectTo, seen } from "./_node_client.ts";
import { serving } from "./_serving.ts";
import { app } from "./_web_app.ts";
import { SLACK_MS, type Subject, webServerSuite } from "./_web_server.ts";

const { Bun } = globalThis as unknown as { readonly Bun: { readonly serve: BunServeLike } | undefined };
const skip = Bun ? undefined : "This runtime is not Bun";

const subject: Subject = {
  skip,
  make: (fetch, options) => httpServer(Bun?.serve as BunServeLike, { ...options, fetch }),
  ownSignal: true,
  countsStreams: true,
  tellsSilent: false,
  closesAfterAnswer: true,
  sendsFetched: false,
};

const { make, check } = webServerSuite("Bun.serve", subject);

check("accepts no more while a request is in flight", async () => {
  const { http, stop } = await serving(make(app));
  const client = await connectTo(http);
  client.get("/slow?500");
  await seen(http, 1);
  const stopped = stop();
  await sleep(200);
  await expect(connectTo(http)).rejects.toThrow("ECONNREFUSED");
  await stopped;
  await client.received("done /slow");
});

check("closes the WebSockets with 1001 when it accepts no more, and tells the application", async () => {
  const seenByApp: unknown[] = [];
  const websocket = {
    open(this: unknown, socket: { send(text: string): void }) {
      seenByApp.push(this === websocket);
      socket.send("welcome");
    },
    message(socket: { send(text: string): void }, text: string) {
      socket.send(`you said ${text}`);
    },
    close(_: unknown, code: number) {
      seenByApp.push(code);
    },
  };
  const upgrade = (request: Request, server: { upgrade(request: Request): boolean }) =>
    server.upgrade(request) ? undefined : new Response("no upgrade");
  const { http, stop } = await serving(make(upgrade as never, { serve: { websocket } }), { drainMs: 5000 });
  const socket = new WebSocket(http.url.replace("http", "ws"));
  const said: unknown[] = [];
  socket.addEventListener("message", ({ data }) => {
    said.push(data);
    if (data === "welcome") socket.send("hello");
  });
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  await expect.poll(() => said).toEqual(["welcome", "you said hello"]);
  expect(http.inFlight).toBe(1);
  const ms = await stop();
  expect((await closed).code).toBe(1001);
  expect(seenByApp).toEqual([true, 1001]);
  expect(ms).toBeLessThan(SLACK_MS);
});

check("lets WebSockets finish with finishStreams, and closes them shortly before the end", async () => {
  const websocket = { message() {} };
  const upgrade = (request: Request, server: { upgrade(request: Request): boolean }) =>
    server.upgrade(request) ? undefined : new Response("no upgrade");
  const { http, stop } = await serving(
    make(upgrade as never, { finishStreams: true, serve: { websocket } }),
    { drainMs: 1000 },
  );
  const socket = new WebSocket(http.url.replace("http", "ws"));
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const ms = await stop();
  expect((await closed).code).toBe(1001);
  expect(ms).toBeGreaterThan(600);
  expect(ms).toBeLessThan(patient(1500));
});

check("sends a part of a file in the drain as at other times, with 206 and Content-Range", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-http-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file.txt");
  writeFileSync(path, "0123456789");
  const { file } = (globalThis as unknown as { Bun: { file(path: string): Blob } }).Bun;
  const part = () => new Response(file(path).slice(2, 6));
  const { http, bus } = await serving(
    make(part, { lameDuckMs: 600, serve: { routes: { "/static": part(), "/function": part } } }),
  );
  const ask = async (where: string) => {
    const client = await connectTo(http);
    client.get(where);
    const text = await client.received("2345");
    client.socket.destroy();
    return text.replace(/^date:.*\r\n/gim, "");
  };
  const all = () => Promise.all(["/", "/static", "/function"].map(ask));
  const before = await all();
  const stopped = bus.stop();
  await expect.poll(() => bus.state).toBe("drain");
  expect(await all()).toEqual(before);
  expect(before[0]).toMatch(/^HTTP\/1.1 206 [^]*content-range: bytes 2-5/i);
  await stopped;
});

const everywhere: readonly [what: string, route: unknown][] = [
  ["an answer that stands there", () => new Response("page")],
  ["a function", () => () => new Response("page")],
];
for (const [what, route] of everywhere) {
  check(`tells the health before a route of every path, which is ${what}`, async () => {
    const routes = { "/*": (route as () => unknown)() };
    const { http } = await serving((bus) => make(app, { health: { bus }, serve: { routes } }));
    const get = async (path: string, method = "GET") => {
      const response = await fetch(new URL(path, http.url), { method });
      return [response.status, await response.text()];
    };
    for (const path of ["/livez", "/readyz?now", "/startupz"]) {
      expect(await get(path)).toEqual([200, expect.stringContaining('"state":"run"')]);
    }
    expect(await get("/readyz", "HEAD")).toEqual([200, ""]);
    expect(await get("/readyz", "POST")).toEqual([200, "page"]);
    expect(await get("/else")).toEqual([200, "page"]);
  });
}

check("refuses at start a route on a health path, and takes one of other methods", async () => {
  for (const route of [new Response("mine"), () => new Response("mine"), { GET: new Response("mine") }]) {
    const routes = { "/readyz": route };
    await expect(serving((bus) => make(app, { health: { bus }, serve: { routes } }))).rejects.toThrow(
      'Cannot answer for the health at "/readyz": the application has a route there; ' +
        "give the health another path, or a port of its own",
    );
  }
  const routes = { "/readyz": { POST: () => new Response("mine") } };
  const { http } = await serving((bus) => make(app, { health: { bus }, serve: { routes } }));
  expect(await (await fetch(`${http.url}readyz`, { method: "POST" })).text()).toBe("mine");
  expect(await (await fetch(`${http.url}readyz`)).text()).toContain('"state":"run"');
});

check("keeps idle connections for keepAliveTimeout, which is at most 255 s", async () => {
  expect(() => make(app, { keepAliveTimeout: 256_000 })).toThrow(
    'Cannot make an HTTP server: "keepAliveTimeout" is 256000, expected at most 255 s on Bun',
  );
  const { http } = await serving(make(app, { keepAliveTimeout: 1000 }));
  const client = await connectTo(http);
  client.get("/");
  await client.received("done /");
  const since = performance.now();
  expect((await client.ended).at - since).toBeLessThan(8000);
});

check("drains its routes as well: functions, methods, and static responses", async () => {
  const routes = {
    "/function/:name": (request: Request & { params: { name: string } }) =>
      new Response(`name ${request.params.name}`),
    "/methods": { GET: () => new Response("got"), POST: new Response("posted") },
    "/static": new Response("static"),
  };
  const { http, bus } = await serving(make(app, { lameDuckMs: 300, serve: { routes } }));
  const ask = async (path: string, method = "GET") => {
    const response = await fetch(new URL(path, http.url), { method });
    return [await response.text(), response.headers.get("connection")];
  };
  const all = () =>
    Promise.all([
      ask("/function/ada"),
      ask("/methods"),
      ask("/methods", "POST"),
      ask("/static"),
      ask("/other"),
    ]);
  const texts = ["name ada", "got", "posted", "static", "done /other"];
  expect(await all()).toEqual(texts.map((text) => [text, null]));
  const stopped = bus.stop();
  await expect.poll(() => bus.state).toBe("drain");
  expect(await all()).toEqual(texts.map((text) => [text, "close"]));
  await stopped;
});

check("speaks TLS", async () => {
  const { http, stop } = await serving(make(app, { serve: { tls: { cert, key } } }));
  expect(http.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
  const client = await connectTo(http, { tls: true });
  client.get("/slow?300");
  await seen(http, 1);
  expect(await stop()).toBeLessThan(patient(300 + SLACK_MS));
  expect(await client.received("done /slow")).toMatch(/connection: close/i);
});

check("listens on a unix socket", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-http-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "app.sock");
  const { http, stop } = await serving(make(app, { path }));
  expect([http.url, http.port]).toEqual([`unix:${path}`, undefined]);
  const client = await connectTo({ path });
  client.get("/");
  await client.received("done /");
  await stop();
  expect((await client.ended).how).toBe("end");
  expect(existsSync(path)).toBe(false);
});
