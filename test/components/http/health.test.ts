import { createServer } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { connect as connectHttp2 } from "node:http2";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Component, inline, ProcessBus } from "../../../mod.ts";
import {
  type HealthOptions,
  type HttpServer,
  httpServer,
  type NodeServerLike,
} from "../../../components/http.ts";

interface Asked {
  readonly status: number;
  readonly body: { state: string; settled: boolean; components: { name: string; check?: string }[] };
}

async function ask(url: string, path: string): Promise<Asked> {
  const response = await fetch(new URL(path, url));
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  return { status: response.status, body: await response.json() as Asked["body"] };
}

const statusOf = async (url: string, path: string) => (await ask(url, path)).status;

function makeBus(): ProcessBus {
  const bus = new ProcessBus({ platform: inline() });
  onTestFinished(() => bus.exit().catch(() => {}));
  return bus;
}

/** A port that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Made {
  readonly bus: ProcessBus;
  readonly http: HttpServer;
}

async function serving(
  health: Omit<HealthOptions, "bus">,
  { components = [], server = createServer((request, response) => response.end(`app ${request.url}`)) }: {
    readonly components?: readonly Component<unknown>[];
    readonly server?: NodeServerLike;
  } = {},
): Promise<Made> {
  const bus = makeBus();
  for (const component of components) bus.use(component);
  const web = bus.use(httpServer(server, { port: 0, health: { bus, ...health } }));
  await bus.start();
  return { bus, http: web.value };
}

describe("on the server's own port", () => {
  test("health paths are answered, and all other requests reach the application", async () => {
    const { http } = await serving({});
    for (const path of ["/livez", "/readyz", "/startupz", "/readyz?verbose"]) {
      expect(await ask(http.url, path), path).toEqual({
        status: 200,
        body: {
          state: "run",
          settled: true,
          components: [{ name: "http", status: "up", ms: expect.any(Number) }],
        },
      });
    }
    const post = await fetch(new URL("/livez", http.url), { method: "POST" });
    expect(await post.text()).toBe("app /livez");
    expect(await (await fetch(new URL("/livez/x", http.url))).text()).toBe("app /livez/x");
    const head = await fetch(new URL("/livez", http.url), { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("listeners that are added later do not disturb the health paths", async () => {
    const server = createServer();
    const { http } = await serving({}, { server });
    server.prependListener("request", (_, response) => response.end("first"));
    expect(await statusOf(http.url, "/livez")).toBe(200);
    expect(await (await fetch(http.url)).text()).toBe("first");
  });

  test("a server of HTTP/2 answers health paths, too", async () => {
    const server = createHttp2();
    server.on("stream", (stream: { end(text: string): unknown }) => stream.end("app"));
    const { http } = await serving({}, { server });
    const session = connectHttp2(http.url);
    onTestFinished(() => session.destroy());
    const text = await new Promise<string>((resolve) => {
      const stream = session.request({ ":path": "/readyz" });
      let found = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => found += chunk).on(
        "end",
        () => resolve(found),
      );
    });
    expect(JSON.parse(text)).toMatchObject({ state: "run", settled: true });
  });
});

describe("readiness", () => {
  test("is the readiness of the components, without the texts of their errors", async () => {
    let works = true;
    const check = () => {
      if (!works) throw new Error("the password is secret");
    };
    const { http } = await serving({}, { components: [{ name: "db", check }] });
    expect(await statusOf(http.url, "/readyz")).toBe(200);
    works = false;
    const { status, body } = await ask(http.url, "/readyz");
    expect(status).toBe(503);
    expect(body.components[0]).toMatchObject({ name: "db", status: "up", check: "failed" });
    expect(JSON.stringify(body)).not.toContain("secret");
    expect(await statusOf(http.url, "/livez")).toBe(200);
  });

  test("tells while it drains how much time is left, and what it waits for", async () => {
    const bus = makeBus();
    bus.use({ name: "db", stop: () => {} });
    let release = () => {};
    const released = new Promise<void>((resolve) => release = resolve);
    const server = createServer((_, response) => void released.then(() => response.end("app")));
    const web = bus.use(httpServer(server, { port: 0, health: { bus, port: 0 } }));
    await bus.start();
    const { url, healthUrl = "" } = web.value;
    const answer = fetch(url);
    await expect.poll(() => web.value.inFlight).toBe(1);
    void bus.hold(released, { name: "upload of a.png" });
    const stopped = bus.stop();
    await expect.poll(() => bus.state).toBe("drain");
    const { status, body } = await ask(healthUrl, "/readyz");
    expect([status, body]).toEqual([503, {
      ...{ state: "drain", settled: false, goal: "stop", leftMs: expect.any(Number), requests: 1 },
      held: [{ name: "upload of a.png", ms: expect.any(Number) }],
      // The database has no drain: it is up until it stops.
      components: [
        { name: "db", status: "up", ms: expect.any(Number) },
        { name: "http", status: "draining", ms: expect.any(Number) },
      ],
    }]);
    release();
    expect(await (await answer).text()).toBe("app");
    await stopped;
  });

  test("is computed once for probes at the same time", async () => {
    let asked = 0;
    const check = async () => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const { http } = await serving({}, { components: [{ name: "db", check }] });
    await Promise.all(Array.from({ length: 10 }, () => statusOf(http.url, "/readyz")));
    expect(asked).toBeLessThan(10);
    const before = asked;
    await statusOf(http.url, "/readyz");
    expect(asked).toBe(before + 1);
  });
});

describe("on a port of its own", () => {
  test("health is answered from enter on, before the bus runs, while it drains, and until it has exited", async () => {
    const bus = makeBus();
    let [go, drained] = [() => {}, () => {}];
    const server = createServer((_, response) => response.end("app"));
    const port = await freePort();
    const healthUrl = `http://127.0.0.1:${port}/`;
    let enter = () => {};
    const web = bus.use(httpServer(server, { port: 0, health: { bus, port } }));
    bus.subscribe("enter", () => new Promise<void>((resolve) => enter = resolve));
    bus.subscribe("start", () => new Promise<void>((resolve) => go = resolve), { priority: 90 });
    bus.subscribe("drain", () => new Promise<void>((resolve) => drained = resolve), { priority: 10 });
    const started = bus.start();
    await expect.poll(() => statusOf(healthUrl, "/livez").catch(() => 0)).toBe(200);
    const early = await ask(healthUrl, "/startupz");
    expect([early.status, early.body]).toEqual([
      503,
      expect.objectContaining({ status: "starting", state: "enter" }),
    ]);
    enter();
    await expect.poll(() => web.status).toBe("up");
    const { url } = web.value;
    expect(web.value.healthUrl).toBe(healthUrl);
    const all = async () => [
      await statusOf(healthUrl, "/livez"),
      await statusOf(healthUrl, "/readyz"),
      await statusOf(healthUrl, "/startupz"),
    ];
    expect(await all()).toEqual([200, 503, 503]);
    go();
    await started;
    expect(await all()).toEqual([200, 200, 200]);
    // The same paths on the server's own port belong to the application.
    expect(await (await fetch(new URL("/livez", url))).text()).toBe("app");
    expect((await fetch(new URL("/other", healthUrl))).status).toBe(404);
    const stopped = bus.stop();
    await expect.poll(() => bus.state).toBe("drain");
    expect(await all()).toEqual([200, 503, 200]);
    await expect.poll(async () => (await ask(healthUrl, "/readyz")).body.state).toBe("drain");
    drained();
    await stopped;
    expect(await all()).toEqual([200, 503, 200]);
    let exiting = 0;
    bus.subscribe("exit", async () => void (exiting = await statusOf(healthUrl, "/livez")));
    await bus.exit();
    expect(exiting).toBe(200);
    await expect(fetch(healthUrl)).rejects.toThrow();
  });

  test("a server that joins a running bus opens the port, too", async () => {
    const bus = makeBus();
    await bus.start();
    const web = bus.use(httpServer(createServer(), { port: 0, health: { bus, port: 0 } }));
    const { healthUrl = "" } = await web.ready;
    expect(await statusOf(healthUrl, "/readyz")).toBe(200);
    await bus.exit();
    await expect(fetch(healthUrl)).rejects.toThrow();
  });

  test("it is not told for a server that was made and never used", async () => {
    const bus = makeBus();
    const port = await freePort();
    httpServer(createServer(), { port: 0, health: { bus, port } });
    await bus.start();
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
    await bus.exit();
  });

  test("health is still answered after the server has closed its listener", async () => {
    const bus = makeBus();
    const server = createServer((_, response) => setTimeout(() => response.end("app"), 500));
    const web = bus.use(httpServer(server, { port: 0, health: { bus, port: 0 } }));
    await bus.start();
    const { healthUrl = "", url } = web.value;
    const answer = fetch(url).then((response) => response.text());
    await expect.poll(() => web.value.inFlight).toBe(1);
    const stopped = bus.stop();
    await expect.poll(() => server.listening).toBe(false);
    expect(await statusOf(healthUrl, "/readyz")).toBe(503);
    expect(await answer).toBe("app");
    await stopped;
  });

  test("a port in use is an error that names it, and leaves nothing listening", async () => {
    const { http } = await serving({});
    const bus = makeBus();
    bus.subscribe("log", () => {});
    const server = createServer();
    bus.use(httpServer(server, { port: 0, health: { bus, port: http.port ?? 0 } }));
    await expect(bus.start()).rejects.toThrow(`Cannot listen on 127.0.0.1:${http.port}: the port is in use`);
    expect(server.listening).toBe(false);
  });
});

describe("a check for each path", () => {
  test("answers a new path, and is added to the paths that exist by default", async () => {
    let works: unknown = true;
    const check = () => {
      if (works instanceof Error) throw works;
      return works;
    };
    const { http } = await serving({ checks: { "/disk": check, "/livez": check } });
    const all = async () => [
      await statusOf(http.url, "/disk"),
      await statusOf(http.url, "/livez"),
      await statusOf(http.url, "/readyz"),
    ];
    expect(await all()).toEqual([200, 200, 200]);
    for (works of [false, Promise.resolve(false), new Error("the password is secret")]) {
      expect(await all()).toEqual([503, 503, 200]);
    }
    const { body } = await ask(http.url, "/disk");
    expect(body).toMatchObject({ check: "failed", state: "run" });
    expect(JSON.stringify(body)).not.toContain("secret");
  });
});

describe("a custom response", () => {
  const get = async (url: string, path: string, method = "GET") => {
    const response = await fetch(new URL(path, url), { method });
    const { status, headers } = response;
    return {
      status,
      type: headers.get("content-type"),
      by: headers.get("x-by"),
      text: await response.text(),
    };
  };

  test("has its own status, headers and body, and receives the result of the check", async () => {
    const found: unknown[] = [];
    const { http, bus } = await serving({
      livez: null,
      answer: ({ path, ok, starting, body }) => {
        found.push([path, ok, starting, JSON.parse(body).state]);
        if (path === "/startupz") return undefined;
        return {
          status: ok ? 204 : 500,
          headers: { "content-type": "text/plain", "x-by": "me" },
          body: "fine",
        };
      },
    });
    expect(await get(http.url, "/readyz")).toEqual({ status: 204, type: "text/plain", by: "me", text: "" });
    expect(await get(http.url, "/startupz")).toMatchObject({
      status: 200,
      type: "application/json",
      by: null,
    });
    const stopped = bus.stop();
    await stopped;
    expect(found).toEqual([["/readyz", true, false, "run"], ["/startupz", true, false, "run"]]);
  });

  test("that throws becomes a response of 500", async () => {
    const { http } = await serving({
      answer: async () => {
        throw new Error("secret");
      },
    });
    const { status, text } = await get(http.url, "/livez");
    expect(status).toBe(500);
    expect(text).not.toContain("secret");
  });
});

describe("an answer that cannot be sent", () => {
  test.each<[answer: unknown]>([
    [{ status: "x" }],
    [{ status: 999 }],
    [{ status: 101 }],
    [{ body: 5 }],
    [{ headers: { "no name": "x" } }],
    [{ headers: { "x-by": "two\r\nlines" } }],
    [{ headers: { "x-by": 5 } }],
    ["text"],
  ])("is 500: %j", async (answer) => {
    const { http } = await serving({ answer: () => answer as never });
    const response = await fetch(new URL("/livez", http.url));
    expect(response.status).toBe(500);
    expect(await response.text()).toContain("health.answer failed");
  });

  test.each<[answer: unknown]>([[null], [{}], [{ status: undefined, body: undefined, headers: undefined }]])(
    "is the usual one where nothing is given: %j",
    async (answer) => {
      const { http } = await serving({ answer: () => answer as never });
      const response = await fetch(new URL("/livez", http.url));
      expect([response.status, (await response.json() as { state: string }).state]).toEqual([200, "run"]);
    },
  );
});

describe("its options", () => {
  test("move the paths, or leave some out", async () => {
    const { http } = await serving({ livez: "/alive", readyz: "/ready", startupz: null });
    expect(await statusOf(http.url, "/alive")).toBe(200);
    expect(await statusOf(http.url, "/ready")).toBe(200);
    expect(await (await fetch(new URL("/startupz", http.url))).text()).toBe("app /startupz");
  });

  test.each<[options: object, message: string]>([
    [{ livez: "livez" }, '"health.livez" is "livez", expected a path such as "/livez"'],
    [{ livez: "/a?b" }, '"health.livez" is "/a?b", expected a path such as "/livez"'],
    [{ readyz: "/livez" }, 'the health path "/livez" is there twice'],
    [{ livez: null, readyz: null, startupz: null }, 'every path of "health" is null'],
    [{ port: 70_000 }, '"health.port" is 70000, expected a port from 0 to 65535'],
    [{ host: "localhost" }, '"health.host" needs a "health.port" of its own'],
    [{ checks: { disk: () => true } }, '"health.checks" has "disk", expected a path such as "/healthz"'],
    [{ checks: { "/disk": true } }, '"health.checks["/disk"]" is true, expected a function'],
    [{ answer: "ok" }, '"health.answer" is "ok", expected a function'],
    [{ bus: {} }, '"health.bus.inspect" is undefined, expected a function'],
    [{ liveness: "/x" }, 'unknown option "liveness"'],
  ])("%j is refused", (options, message) => {
    const bus = new ProcessBus({ platform: inline() });
    expect(() => httpServer(createServer(), { health: { bus, ...options } })).toThrow(message);
  });
});
