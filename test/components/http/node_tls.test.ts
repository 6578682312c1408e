import { createServer } from "node:https";
import { connect as connectSocket } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { runtime } from "../../spawn.ts";
import { cert, key } from "./_certificate.ts";
import { connectTo, seen, serving } from "./_node_client.ts";

const make = () =>
  createServer({ cert, key }, (request, response) => {
    setTimeout(() => response.end(`done ${request.url}`), request.url === "/slow" ? 400 : 0);
  });

test("a server of node:https says so in its url", async () => {
  const { http } = await serving(make());
  expect(http.url).toBe(`https://127.0.0.1:${http.port}/`);
});

test("a request in flight on a kept connection is answered, and idle connections end in order", async () => {
  const { http, stop } = await serving(make());
  const [busy, idle] = await Promise.all([connectTo(http, { tls: true }), connectTo(http, { tls: true })]);
  for (const client of [busy, idle]) {
    client.get("/");
    await client.received("done /");
  }
  busy.get("/slow");
  await seen(http, 1);
  const ms = await stop();
  expect((await busy.ended).how).toBe("end");
  expect(busy.text).toMatch(/connection: close[^]*done \/slow$/i);
  expect((await idle.ended).how).toBe("end");
  expect(ms).toBeLessThan(patient(1500));
});

test("a client that never sent a byte, or never asked for anything, has a second", async () => {
  const { http, stop } = await serving(make());
  await Promise.all([connectTo(http), connectTo(http, { tls: true })]);
  expect(await stop()).toBeLessThan(patient(2000));
});

test("a client that is slow with its handshake is answered", async (context) => {
  if (runtime === "bun") context.skip("Bun accepts no connection before something was sent on it");
  const { http, stop } = await serving(make());
  const raw = connectSocket({ host: "127.0.0.1", port: http.port ?? 0 });
  onTestFinished(() => void raw.destroy());
  await new Promise((resolve) => raw.once("connect", resolve));
  const stopped = stop();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const socket = connectTls({ socket: raw, rejectUnauthorized: false });
  let text = "";
  socket.on("error", () => {}).setEncoding("utf8").on("data", (chunk: string) => text += chunk);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.write("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await closed;
  expect(text).toMatch(/connection: close[^]*done \/late/i);
  await stopped;
});

test("a client that is stuck in its handshake is cut at the end of the time", async () => {
  const { http, stop } = await serving(make(), { drainMs: 600 });
  const socket = connectSocket({ host: "127.0.0.1", port: http.port ?? 0 });
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  // The beginning of a record that says how long it is, and of no more.
  socket.write(new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
  socket.resume();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await stop()).toBeLessThan(patient(1600));
  // Bun does not tell of it, and the process ends without.
  if (runtime !== "bun") await closed;
});
