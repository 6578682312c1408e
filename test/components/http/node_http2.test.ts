import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
} from "node:http2";
import { describe, expect, onTestFinished, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { requestSignal } from "../../../components/http.ts";
import { sleep } from "../../spawn.ts";
import { cert, key } from "./_certificate.ts";
import { connectTo, seen, serving } from "./_node_client.ts";

type Answer = (request: object, url: string, end: (text: string) => void) => void;

/** `/slow` takes 400 ms, `/events` ends with the signal of its request, `/never` never. */
const app: Answer = (request, url, end) => {
  if (url === "/never") return;
  if (url === "/events") requestSignal(request).addEventListener("abort", () => end("bye"));
  else setTimeout(() => end(`done ${url}`), url === "/slow" ? 400 : 0);
};

const kinds: [kind: string, make: () => Http2Server][] = [
  [
    "without TLS",
    () => createServer((request, response) => app(request, request.url, (text) => response.end(text))),
  ],
  ["over TLS", () =>
    createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
      app(request, request.url, (text) => response.end(text));
    })],
  ["by its streams alone", () => {
    const server = createServer();
    server.on("stream", (stream: ServerHttp2Stream, headers) => {
      app(stream, String(headers[":path"]), (text) => {
        stream.respond({ ":status": 200 });
        stream.end(text);
      });
    });
    return server;
  }],
];

interface Client {
  readonly session: ClientHttp2Session;
  /** Resolves when GOAWAY has come. */
  readonly away: Promise<unknown>;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<unknown>;
  get(path: string): Promise<string>;
}

async function open(url: string): Promise<Client> {
  const session = connect(url, { rejectUnauthorized: false });
  onTestFinished(() => session.destroy());
  session.on("error", () => {});
  const away = new Promise((resolve) => session.once("goaway", resolve));
  const ended = new Promise((resolve) => session.once("close", resolve));
  await new Promise((resolve) => session.once("connect", resolve));
  const get = (path: string) =>
    new Promise<string>((resolve, reject) => {
      const stream = session.request({ ":path": path });
      let [answered, text] = [false, ""];
      stream.on("response", () => answered = true);
      stream.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
      // What is cut without any answer ends as if it had one, on Deno.
      stream.on("end", () => answered ? resolve(text) : reject(new Error("it had no answer")));
      stream.on("error", reject);
      stream.on("close", () => reject(new Error("the stream was closed")));
    });
  return { session, away, ended, get };
}

describe.each(kinds)("HTTP/2 %s", (_, make) => {
  test("has its requests answered, and is told to go away", async () => {
    const { http, stop } = await serving(make());
    const [busy, idle] = await Promise.all([open(http.url), open(http.url)]);
    expect(await Promise.all([busy.get("/"), idle.get("/")])).toEqual(["done /", "done /"]);
    const slow = busy.get("/slow");
    await seen(http, 1);
    const ms = await stop();
    expect(await slow).toBe("done /slow");
    await Promise.all([busy.away, busy.ended, idle.away, idle.ended]);
    expect(ms).toBeLessThan(patient(1500));
  });

  test("is not held by a client that never asks for anything", async () => {
    const { http, stop } = await serving(make());
    const { ended } = await open(http.url);
    await connectTo(http);
    expect(await stop()).toBeLessThan(patient(1000));
    await ended;
  });

  test("serves on as a lame duck, and says GOAWAY", async () => {
    const { http, stop } = await serving(make(), { lameDuckMs: 500 });
    const before = await open(http.url);
    await before.get("/");
    const stopped = stop();
    await before.away;
    const during = await open(http.url);
    expect(await during.get("/slow")).toBe("done /slow");
    await during.ended;
    expect(await stopped).toBeGreaterThanOrEqual(495);
  });

  test("has the signals of its requests fire before what is left is cut", async () => {
    const { http, stop, records } = await serving(make(), { drainMs: 2000 });
    const client = await open(http.url);
    const [events, never] = [client.get("/events"), client.get("/never")];
    never.catch(() => {});
    await seen(http, 2);
    await stop();
    expect(await events).toBe("bye");
    await expect(never).rejects.toThrow();
    expect(records).toContainEqual(
      expect.objectContaining({
        level: "warn",
        message: "http cut 1 request at the end of its time",
        requests: 1,
      }),
    );
  });
});

test("a server of both kinds drains a client of HTTP/1.1, too", async () => {
  const { http, stop } = await serving(kinds[1]![1]());
  const client = await connectTo(http, { tls: true });
  client.get("/slow");
  await seen(http, 1);
  await sleep(20);
  await stop();
  expect((await client.ended).how).toBe("end");
  expect(client.text).toMatch(/connection: close[^]*done \/slow/i);
});
