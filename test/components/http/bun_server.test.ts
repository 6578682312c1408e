import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { type BunServeLike, httpServer } from "../../../components/http.ts";
import { sleep } from "../../spawn.ts";
import { cert, key } from "./_certificate.ts";
import { connectTo, seen } from "./_node_client.ts";
import { serving } from "./_serving.ts";
import { app, SLACK_MS, type Subject, webServerSuite } from "./_web_server.ts";

const { Bun } = globalThis as unknown as { readonly Bun: { readonly serve: BunServeLike } | undefined };
const skip = Bun ? undefined : "This runtime is not Bun";

const subject: Subject = {
  skip,
  make: (fetch, options) => httpServer(Bun?.serve as BunServeLike, { ...options, fetch }),
  ownSignal: true,
  countsStreams: true,
  tellsSilent: false,
  closesAfterAnswer: true,
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

check("closes the WebSockets with 1001 shortly before the end, and tells the application", async () => {
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
  const { http, stop } = await serving(make(upgrade as never, { serve: { websocket } }), { drainMs: 1000 });
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
  expect(ms).toBeGreaterThan(600);
  expect(ms).toBeLessThan(patient(1500));
});

check("drains its routes as well: functions, methods, and answers that stand there", async () => {
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
