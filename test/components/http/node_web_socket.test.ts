import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { patient } from "../../../scripts/patience.ts";
import { requestSignal } from "../../../components/http.ts";
import { seen, serving } from "./_node_client.ts";

function makeWithSockets() {
  const server = createServer((_, response) => response.end("ok"));
  const codes: number[] = [];
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("message", (text) => socket.send(`echo ${text}`));
    socket.on("close", (code) => codes.push(code));
  });
  return { server, codes };
}

async function open(port: number | undefined): Promise<{ client: WebSocket; closed: Promise<number> }> {
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  onTestFinished(() => client.terminate());
  client.on("error", () => {});
  const closed = new Promise<number>((resolve) => client.on("close", resolve));
  await new Promise((resolve) => client.on("open", resolve));
  return { client, closed };
}

test("WebSockets are closed with 1001 when the server accepts no more, and work on in its lame duck", async () => {
  const { server, codes } = makeWithSockets();
  const { http, stop, records } = await serving(server, { drainMs: 4000, lameDuckMs: 500 });
  const [one, two] = await Promise.all([open(http.port), open(http.port)]);
  const stopped = stop();
  const echo = new Promise((resolve) => one.client.on("message", (text) => resolve(String(text))));
  one.client.send("hi");
  expect(await echo).toBe("echo hi");
  expect(await Promise.all([one.closed, two.closed])).toEqual([1001, 1001]);
  await expect.poll(() => codes).toEqual([1001, 1001]);
  const ms = await stopped;
  expect(ms).toBeGreaterThan(490);
  expect(ms).toBeLessThan(1000);
  expect(records.filter(({ level }) => level === "warn")).toEqual([]);
});

test("with finishStreams WebSockets work on while the server drains, and are closed shortly before its end", async () => {
  const { server, codes } = makeWithSockets();
  const { http, stop, records } = await serving(server, { drainMs: 2000, finishStreams: true });
  const [one, two] = await Promise.all([open(http.port), open(http.port)]);
  expect(http.inFlight).toBe(2);
  const stopped = stop();
  const echo = new Promise((resolve) => one.client.on("message", (text) => resolve(String(text))));
  one.client.send("hi");
  expect(await echo).toBe("echo hi");
  expect(await Promise.all([one.closed, two.closed])).toEqual([1001, 1001]);
  await expect.poll(() => codes).toEqual([1001, 1001]);
  const ms = await stopped;
  expect(ms).toBeGreaterThan(1500);
  expect(ms).toBeLessThan(patient(2000));
  expect(records.filter(({ level }) => level === "warn")).toEqual([]);
});

test("a WebSocket that was closed before does not delay the stop", async () => {
  const { http, stop } = await serving(makeWithSockets().server);
  const { client, closed } = await open(http.port);
  client.close(1000);
  await closed;
  expect(await stop()).toBeLessThan(patient(1000));
});

test("the signal of its request fires when a WebSocket's client goes away, and when the server ends", async () => {
  const { server } = makeWithSockets();
  const signals: AbortSignal[] = [];
  server.on("upgrade", (request) => void signals.push(requestSignal(request)));
  const { http, stop } = await serving(server, { drainMs: 1000 });
  const [gone, stays] = [await open(http.port), await open(http.port)];
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  gone.client.close();
  await gone.closed;
  await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  await stop();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  await stays.closed;
});

test("a WebSocket whose client ignores the close is cut at the end, and counted", async () => {
  const server = createServer();
  server.on("upgrade", (_, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.on("error", () => {});
  });
  const { http, stop, records } = await serving(server, { drainMs: 600 });
  const socket = connect({ host: "127.0.0.1", port: http.port ?? 0, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let bytes: number[] = [];
  socket.on("error", () => {});
  socket.on("data", (chunk: Uint8Array) => bytes = [...bytes, ...chunk]);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n");
  await seen(http, 1);
  expect(await stop()).toBeLessThan(patient(1600));
  expect(bytes.slice(-4)).toEqual([0x88, 0x02, 0x03, 0xe9]);
  expect(records).toContainEqual(
    expect.objectContaining({
      level: "warn",
      message: "http cut 1 request at the end of its time",
      requests: 1,
    }),
  );
});
