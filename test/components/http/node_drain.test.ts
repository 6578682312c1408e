import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { requestSignal } from "../../../components/http.ts";
import { runtime, sleep } from "../../spawn.ts";
import { type Client, connectTo, seen, serving } from "./_node_client.ts";

/** A busy machine may be so late; the bench measures exactly. */
const SLACK_MS = 1000;

/** `/slow?300` answers after so long, `/stream?300` begins at once and ends after so long; all else is quick. */
function app(request: IncomingMessage, response: ServerResponse): void {
  const [path = "", ms = "0"] = (request.url ?? "").split("?");
  if (path === "/stream") response.write("begun ");
  if (path === "/body") {
    request.on("data", () => {});
    request.on("end", () => response.end("got it"));
  } else if (path === "/events") {
    response.write("data: 1\n\n");
    requestSignal(request).addEventListener("abort", () => response.end("data: bye\n\n"));
  } else if (path !== "/never") setTimeout(() => response.end(`done ${path}`), Number(ms));
}

const make = (): Server => createServer(app);

describe("a request in flight on a connection that its client keeps", () => {
  test("is answered with Connection: close, and the stop takes no longer than it", async () => {
    const { http, stop } = await serving(make());
    const client = await connectTo(http);
    client.get("/");
    await client.received("done /");
    client.get("/slow?500");
    await seen(http, 1);
    const since = performance.now();
    await stop();
    expect(performance.now() - since).toBeLessThan(patient(500 + SLACK_MS));
    expect((await client.ended).how).toBe("end");
    expect(client.text).toMatch(/connection: close[^]*done \/slow$/i);
  });

  test("is ended in order after a response that had already begun", async () => {
    const { http, stop } = await serving(make());
    const client = await connectTo(http);
    client.get("/stream?500");
    await client.received("begun");
    const since = performance.now();
    await stop();
    expect(performance.now() - since).toBeLessThan(patient(500 + SLACK_MS));
    expect((await client.ended).how).toBe("end");
    expect(client.text).toContain("done /stream");
  });
});

describe("a connection", () => {
  test("that is idle is ended in order, and holds nothing", async () => {
    const { http, stop } = await serving(make());
    const client = await connectTo(http);
    client.get("/");
    await client.received("done /");
    expect(await stop()).toBeLessThan(patient(SLACK_MS));
    expect((await client.ended).how).toBe("end");
  });

  test("that never sent a byte delays the stop for a second at most", async (context) => {
    if (runtime === "bun") context.skip("Bun accepts no connection before something was sent on it");
    const { http, stop } = await serving(make());
    const [silent, late] = await Promise.all([connectTo(http), connectTo(http)]);
    const stopped = stop();
    await sleep(200);
    late.get("/late");
    expect(await late.received("done /late")).toMatch(/connection: close/i);
    expect(await stopped).toBeLessThan(patient(1000 + SLACK_MS));
    expect((await silent.ended).how).toBe("end");
  });

  test("that has been silent for longer than a second does not delay the stop", async (context) => {
    if (runtime === "bun") context.skip("Bun accepts no connection before something was sent on it");
    const { http, stop } = await serving(make());
    const client = await connectTo(http);
    await sleep(1100);
    expect(await stop()).toBeLessThan(patient(SLACK_MS));
    expect((await client.ended).how).toBe("end");
  });

  test("1000 idle ones hold nothing", { timeout: patient(30_000) }, async () => {
    const { http, stop } = await serving(make());
    const clients: Client[] = [];
    const since = performance.now();
    while (clients.length < 1000) {
      clients.push(...await Promise.all(Array.from({ length: 50 }, () => connectTo(http))));
    }
    await Promise.all(clients.map((client) => {
      client.get("/");
      return client.received("done /");
    }));
    // A machine that is slow to open them is slow to end them.
    expect(await stop()).toBeLessThan(patient(Math.max(1500, performance.now() - since)));
    const ends = await Promise.all(clients.map(({ ended }) => ended));
    expect(new Set(ends.map(({ how }) => how))).toEqual(new Set(["end"]));
  });

  test("on which a request is sent as the drain begins is answered, not reset", async () => {
    const { http, stop } = await serving(make());
    const client = await connectTo(http);
    client.get("/");
    await client.received("done /");
    const stopped = stop();
    client.get("/late");
    expect(await client.received("done /late")).toMatch(/connection: close/i);
    expect((await client.ended).how).toBe("end");
    expect(await stopped).toBeLessThan(patient(SLACK_MS));
  });

  test.each(["GET", "POST"])("whose last request was a %s with a body holds nothing", async (method) => {
    const { http, stop } = await serving(make());
    const client = await connectTo(http);
    client.send(`${method} /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n12`);
    await seen(http, 1);
    client.send("34");
    await client.received("got it");
    expect(await stop()).toBeLessThan(patient(SLACK_MS));
    expect((await client.ended).how).toBe("end");
  });

  test.each([
    ["GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "done /"],
    ["POST", "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n1234", "got it"],
  ])("on which half a head has come after a %s waits for the rest", async (_, request, answer) => {
    const { http, stop } = await serving(make());
    const client = await connectTo(http);
    client.send(request);
    await client.received(answer);
    client.send("GET /late HTTP/1.1\r\nHo");
    await sleep(50);
    const stopped = stop();
    await sleep(200);
    // Bun does not tell what it has of a head.
    if (runtime !== "bun") {
      client.send("st: x\r\n\r\n");
      await client.received("done /late");
    }
    expect((await client.ended).how).toBe("end");
    expect(await stopped).toBeLessThan(patient(200 + SLACK_MS));
  });

  test.each([
    ["as it came", ["/slow?200", "/slow?300", "/slow?400"]],
    ["the other way round", ["/slow?400", "/slow?300", "/last"]],
  ])("that pipelines has all its answers, made %s", async (_, paths) => {
    const { http, stop } = await serving(make());
    const client = await connectTo(http);
    client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""));
    await seen(http, 1);
    await sleep(50);
    await stop();
    expect((await client.ended).how).toBe("end");
    expect(client.text.match(/done/g)).toHaveLength(3);
    // What follows it is not answered.
    expect(client.text).not.toMatch(/connection: close[^]*HTTP/i);
  });

  test("that reads slowly gets its complete response", async () => {
    const big = "x".repeat(20_000_000);
    const { http, stop } = await serving(createServer((_, response) => response.end(big)), {
      drainMs: 10_000,
    });
    const client = await connectTo(http);
    client.get("/");
    await client.received("xxx");
    client.socket.pause();
    expect(http.inFlight).toBe(1);
    const stopped = stop();
    const drip = setInterval(
      () => client.socket.isPaused() ? client.socket.resume() : client.socket.pause(),
      5,
    );
    expect((await client.ended).how).toBe("end");
    clearInterval(drip);
    expect(client.text.length).toBeGreaterThan(big.length);
    await stopped;
  });
});

describe("an event stream", () => {
  const heads: [how: string, write: (response: ServerResponse) => unknown][] = [
    ["setHeader", (response) => response.setHeader("Content-Type", "text/event-stream")],
    ["writeHead", (response) => response.writeHead(200, { "Content-Type": "text/event-stream" })],
    [
      "writeHead and an array",
      (response) => response.writeHead(200, ["Content-Type", "text/event-stream; charset=utf-8"]),
    ],
  ];
  const events = (write: (response: ServerResponse) => unknown) =>
    createServer((request, response) => {
      write(response);
      response.write("data: 1\n\n");
      requestSignal(request).addEventListener("abort", () => response.end("data: bye\n\n"));
    });

  test.each(heads)("that says so by %s is told to end when the server accepts no more", async (_, write) => {
    const { http, stop } = await serving(events(write), { drainMs: 5000 });
    const client = await connectTo(http);
    client.get("/");
    await client.received("data: 1");
    expect(await stop()).toBeLessThan(patient(SLACK_MS));
    await client.received("data: bye");
  });

  test("goes on in a lame duck, and is told to end after it", async () => {
    const { http, stop } = await serving(events(heads[0]![1]), { drainMs: 5000, lameDuckMs: 500 });
    const client = await connectTo(http);
    client.get("/");
    await client.received("data: 1");
    const ms = await stop();
    expect(ms).toBeGreaterThan(490);
    expect(ms).toBeLessThan(500 + SLACK_MS);
    await client.received("data: bye");
  });

  test("in response to a POST is not told to end before the end is near, since its client would not connect again", async () => {
    const { http, stop } = await serving(events(heads[0]![1]), { drainMs: 1500 });
    const client = await connectTo(http);
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    await client.received("data: 1");
    expect(await stop()).toBeGreaterThan(1000);
    await client.received("data: bye");
  });

  test("is told to end with finishStreams too, but late", async () => {
    const { http, stop } = await serving(events(heads[0]![1]), { drainMs: 1500, finishStreams: true });
    const client = await connectTo(http);
    client.get("/");
    await client.received("data: 1");
    expect(await stop()).toBeGreaterThan(1000);
    await client.received("data: bye");
  });
});

describe("an answer that comes before all of its request", () => {
  test("is received, and the rest of the request is read, so that the client sees no reset", async (context) => {
    if (runtime === "bun") context.skip("Bun reads no more of a request that was answered");
    const { http, stop } = await serving(
      createServer((_, response) => void response.writeHead(413).end("too much")),
      {
        lameDuckMs: 1000,
      },
    );
    const stopped = stop();
    const socket = connect({ host: "127.0.0.1", port: http.port ?? 0, allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    let text = "";
    const errors: unknown[] = [];
    socket.setEncoding("utf8").on("data", (chunk: string) => text += chunk).on(
      "error",
      (error) => errors.push(error),
    );
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    for (let part = 0; part < 100; part++) {
      socket.write("x".repeat(1000));
      await sleep(2);
    }
    socket.end();
    await closed;
    expect(text).toMatch(/413[^]*connection: close[^]*too much/i);
    expect(errors).toEqual([]);
    await stopped;
  });
});

describe("at the end of the time", () => {
  const late: [what: string, send: (client: Client) => void, requests: number][] = [
    ["a request that is never answered", (client) => client.get("/never"), 1],
    [
      "half a body",
      (client) => client.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1234"),
      1,
    ],
    ["half a head", (client) => client.send("GET / HTTP/1.1\r\nHo"), 0],
    ["a head of one byte a second", (client) => {
      client.send("GET /");
      const drip = setInterval(() => client.send("x"), 100);
      void client.ended.then(() => clearInterval(drip));
    }, 0],
  ];
  test.each(late)("%s is cut, and the log says so", async (_, send, requests) => {
    const { http, stop, records } = await serving(make(), { drainMs: 600 });
    const client = await connectTo(http);
    send(client);
    await (requests === 0 ? sleep(50) : seen(http, requests));
    const ms = await stop();
    expect(ms).toBeLessThan(patient(600 + SLACK_MS));
    await client.ended;
    const warnings = records.filter(({ level }) => level === "warn" || level === "error");
    // A request with an incomplete head does not count, and Bun does not report it.
    if (requests === 0 && runtime === "bun") return;
    expect(ms).toBeGreaterThan(500);
    expect(warnings).toHaveLength(requests);
    expect(records).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining("http cut"), requests }),
    );
  });

  test("the signals of streams fire before, so that they end in order", async () => {
    const { http, stop, records } = await serving(make(), { drainMs: 3000 });
    const client = await connectTo(http);
    client.get("/events");
    await client.received("data: 1");
    const ms = await stop();
    expect((await client.ended).how).toBe("end");
    expect(client.text).toContain("data: bye");
    expect(ms).toBeGreaterThan(2000);
    expect(ms).toBeLessThan(patient(3000));
    expect(records.filter(({ level }) => level === "warn")).toEqual([]);
    expect(records).toContainEqual(
      expect.objectContaining({ component: "http", status: "drained", level: "info" }),
    );
  });
});
