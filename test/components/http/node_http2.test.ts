import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Stream,
} from "node:http2";
import { describe, expect, onTestFinished, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { requestSignal } from "../../../components/http.ts";
import { runtime, sleep, start } from "../../spawn.ts";
import { cert, key } from "./_certificate.ts";
import { connectTo, seen, serving } from "./_node_client.ts";

type Answer = (request: object, url: string, end: (text: string) => void, begin: () => void) => void;

/** `/slow` takes 400 ms, `/events` and `/sse` end with the signal of their request, `/never` never. */
const app: Answer = (request, url, end, begin) => {
  if (url === "/never") return;
  if (url === "/sse") begin();
  if (url === "/events" || url === "/sse") requestSignal(request).addEventListener("abort", () => end("bye"));
  else setTimeout(() => end(`done ${url}`), url === "/slow" ? 400 : 0);
};

function byResponse(request: Http2ServerRequest, response: Http2ServerResponse): void {
  app(request, request.url, (text) => response.end(text), () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("begun ");
  });
}

const kinds: [kind: string, make: () => Http2Server][] = [
  [
    "without TLS",
    () => createServer(byResponse),
  ],
  ["over TLS", () => createSecureServer({ cert, key, allowHTTP1: true }, byResponse)],
  ["by its streams alone", () => {
    const server = createServer();
    server.on("stream", (stream: ServerHttp2Stream, headers) => {
      const respond = (fields: object) => stream.headersSent || stream.respond({ ":status": 200, ...fields });
      app(stream, String(headers[":path"]), (text) => {
        respond({});
        stream.end(text);
      }, () => {
        respond({ "content-type": "text/event-stream" });
        stream.write("begun ");
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

describe.each(kinds)("HTTP/2 %s", (kind, make) => {
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

  test("is delayed for a second by a client that has just connected and sends no request", async () => {
    const { http, stop } = await serving(make());
    const { ended } = await open(http.url);
    await connectTo(http);
    expect(await stop()).toBeLessThan(patient(2000));
    await ended;
  });

  test("gets responses to requests that were on their way when the drain began: the first GOAWAY refuses none", async () => {
    const { http, stop } = await serving(make());
    const client = await open(http.url);
    await client.get("/");
    const lasts: number[] = [];
    client.session.on("goaway", (_, last) => lasts.push(last));
    const slow = client.get("/slow");
    await seen(http, 1);
    const stopped = stop();
    expect(await slow).toBe("done /slow");
    await client.ended;
    await stopped;
    // Over TLS Node can say the last one alone.
    if (runtime !== "node" || kind !== "over TLS") expect(lasts[0]).toBe(2 ** 31 - 1);
  });

  test("goes on as a lame duck, and gets a GOAWAY", async () => {
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

  test("has its event streams told to end when the server accepts no more", async () => {
    const { http, stop } = await serving(make(), { drainMs: 5000 });
    const client = await open(http.url);
    const events = client.get("/sse");
    await seen(http, 1);
    await sleep(50);
    expect(await stop()).toBeLessThan(900);
    expect(await events).toBe("begun bye");
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

test.for(["node", "tls"])(
  "no request is lost to a lame duck, and none refused that need not be, under load: %s",
  { timeout: 40_000 },
  async (kind, context) => {
    if (runtime === "deno") context.skip("Deno's client does not tell what it never sent");
    const program = start("http2_lame_duck", { args: [kind, "3000"], timeoutMs: 35_000 });
    const found = JSON.parse(await program.waitForLine("{"));
    expect(found).toMatchObject({ lost: [], code: 0 });
    // Over TLS Node refuses what crosses its only GOAWAY: clients send it elsewhere.
    if (runtime !== "node" || kind !== "tls") expect(found.refused).toBe(0);
    expect(found.inDrain).toBeGreaterThan(50);
  },
);
