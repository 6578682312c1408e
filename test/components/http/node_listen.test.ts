import { existsSync, linkSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { httpServer } from "../../../components/http.ts";
import { inline, ProcessBus } from "../../../mod.ts";
import { runtime, start } from "../../spawn.ts";
import { connectTo, seen, serving } from "./_node_client.ts";
import { serving as servingBy } from "./_serving.ts";

const make = () => createServer((_, response) => response.end("ok"));

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-http-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "app.sock");
}

/** A socket that nobody listens on any more. */
async function leaveBehind(path: string): Promise<void> {
  const server = createNetServer();
  await new Promise<void>((resolve) => server.listen({ path: `${path}.1` }, resolve));
  linkSync(`${path}.1`, path);
  await new Promise((resolve) => server.close(resolve));
}

function getOver(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, path: "/", headers: { connection: "close" } }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    asked.on("error", reject).end();
  });
}

describe("listening", () => {
  test("the value of the component is the address, with the real port", async () => {
    const { http } = await serving(make());
    expect(http.port).toBeGreaterThan(0);
    expect(http.url).toBe(`http://127.0.0.1:${http.port}/`);
    expect(http.healthUrl).toBeUndefined();
    expect(http.inFlight).toBe(0);
    expect(await (await fetch(http.url)).text()).toBe("ok");
  });

  test("a port in use is one error that names host and port", async () => {
    const { http } = await serving(make());
    await expect(serving(make(), { port: http.port ?? 0 })).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${http.port}: the port is in use`,
    );
  });

  test("an unknown host name is one error, too", async () => {
    await expect(serving(make(), { host: "no-such-host.invalid", port: 0 })).rejects.toThrow(
      "Cannot listen on no-such-host.invalid:0: the name cannot be resolved",
    );
  });

  test("a server that listens already stays where it is, also after it was stopped", async () => {
    const server = make();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const early = await connectTo({ port });
    early.get("/");
    await early.received("ok");
    const { bus, http } = await serving(server);
    expect(http.url).toBe(`http://127.0.0.1:${port}/`);
    await bus.graceful();
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("ok");
    // What was accepted before it was given to the bus is ended, too.
    await early.ended;
  });
});

describe("a server that the application tells to listen", () => {
  test.for([[undefined], ["127.0.0.1"], ["localhost"]] as const)(
    "is adopted while that is pending, with the host %s",
    async ([host]) => {
      const server = make();
      server.listen(0, host);
      const bus = new ProcessBus({ platform: inline() });
      onTestFinished(() => bus.exit().catch(() => {}));
      const web = bus.use(httpServer(server));
      await bus.start();
      const { port } = server.address() as { port: number };
      expect(web.value.port).toBe(port);
      expect(port).not.toBe(3000);
      await bus.graceful();
      expect(web.value.port).toBe(port);
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("ok");
    },
  );

  test("and cannot listen makes the start fail", async () => {
    const { http } = await serving(make());
    const server = make();
    server.listen(http.port, "127.0.0.1").on("error", () => {});
    await expect(serving(server, { port: 0 })).rejects.toThrow(/EADDRINUSE|the port is in use/);
  });

  test("and has failed before makes the start fail, and the bus does not choose another port", async () => {
    const { http } = await serving(make());
    const server = make();
    const component = httpServer(server);
    await new Promise((resolve) => server.on("error", resolve).listen(http.port, "127.0.0.1"));
    await expect(servingBy(component)).rejects.toThrow(/EADDRINUSE|in use/);
    expect(server.listening).toBe(false);
  });

  test("at another port than the one that was asked for is an error", async () => {
    const server = make();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await expect(serving(server, { port: port - 1 })).rejects.toThrow(
      `Cannot listen on port ${port - 1}: the server was told to listen on 127.0.0.1:${port} already`,
    );
    expect(server.listening).toBe(true);
    await serving(server, { port });
  });

  test("after the start, with listen: false, is served, drained, and started again where it was", async () => {
    const server = createServer((_, response) => setTimeout(() => response.end("late"), 300));
    const bus = new ProcessBus({ platform: inline() });
    onTestFinished(() => bus.exit().catch(() => {}));
    const web = bus.use(httpServer(server, { listen: false }));
    await bus.start();
    expect([server.listening, web.value.url, web.value.port]).toEqual([false, "", undefined]);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    expect([web.value.url, web.value.port]).toEqual([`http://127.0.0.1:${port}/`, port]);
    const answer = fetch(web.value.url).then((response) => response.text());
    await seen(web.value, 1);
    await bus.graceful();
    expect(await answer).toBe("late");
    expect(web.value.port).toBe(port);
    expect(await (await fetch(web.value.url)).text()).toBe("late");
  });

  test("never is drained as well", async () => {
    const { stop } = await servingBy(httpServer(make(), { listen: false }));
    expect(await stop()).toBeLessThan(400);
  });
});

describe("keepAliveTimeout", () => {
  test("is how long an idle connection is kept", async () => {
    const { http } = await serving(make(), { keepAliveTimeout: 300 });
    const client = await connectTo(http);
    client.get("/");
    await client.received("ok");
    const since = performance.now();
    const { at } = await client.ended;
    expect(at - since).toBeGreaterThan(250);
    // Node adds a second, and looks once in a while.
    expect(at - since).toBeLessThan(4500);
  });
});

test("drainWithin is the time for the drain of one server", async () => {
  const { http, stop, records } = await serving(createServer(() => {}), { drainMs: 5000, drainWithin: 500 });
  const client = await connectTo(http);
  client.get("/");
  await seen(http, 1);
  expect(await stop()).toBeLessThan(900);
  await client.ended;
  expect(records).toContainEqual(expect.objectContaining({ event: "cut", requests: 1 }));
});

describe("cut requests", () => {
  test.each([[false, undefined], [true, "its requests were cut"]])(
    "are counted, and with failOnCut: %s the drain fails: %s",
    async (failOnCut, message) => {
      const made = await serving(createServer(() => {}), { drainMs: 300, failOnCut });
      const { http, bus, records } = made;
      const client = await connectTo(http);
      client.get("/");
      await seen(http, 1);
      const stopped = bus.stop();
      if (message) await expect(stopped).rejects.toThrow(message);
      else await stopped;
      await client.ended;
      expect(http.cutRequests).toBe(1);
      expect(records).toContainEqual(
        expect.objectContaining({ event: "cut", component: "http", requests: 1, cut: 1, left: 0 }),
      );
      await bus.exit().catch(() => {});
      expect(await bus.block()).toBe(failOnCut ? 70 : 0);
    },
  );
});

describe("stopping and starting", () => {
  test("the same server serves again after graceful, and after stop and start", async () => {
    const made = await serving(make());
    const { bus } = made;
    const ports = [made.http.port];
    for (const again of [() => bus.graceful(), () => bus.stop().then(() => bus.start())]) {
      const client = await connectTo(made.http);
      client.get("/");
      await client.received("ok");
      await again();
      expect((await client.ended).how).toBe("end");
      ports.push(made.http.port);
      expect(await (await fetch(made.http.url)).text()).toBe("ok");
      // The drain before has left no trace.
      const next = await connectTo(made.http);
      next.get("/");
      expect(await next.received("ok")).toMatch(/connection: keep-alive/i);
    }
    expect(ports.every((port) => port)).toBe(true);
  });

  test("a drain that has no time cuts at once, and counts", async () => {
    const { http, stop, records } = await serving(createServer(() => {}), { drainMs: 0, lameDuckMs: 5000 });
    const client = await connectTo(http);
    client.get("/");
    await seen(http, 1);
    expect(await stop()).toBeLessThan(patient(1000));
    await client.ended;
    expect(records).toContainEqual(
      expect.objectContaining({ level: "warn", component: "http", requests: 1 }),
    );
  });
});

describe("a unix socket", () => {
  test("is listened on, and is gone after the stop", async () => {
    const path = socketPath();
    const { http, stop } = await serving(make(), { path });
    expect([http.url, http.port]).toEqual([`unix:${path}`, undefined]);
    expect(await getOver(path)).toBe(200);
    await stop();
    expect(existsSync(path)).toBe(false);
  });

  test("that a dead process left behind is taken over", async () => {
    const path = socketPath();
    await leaveBehind(path);
    await serving(make(), { path });
    expect(await getOver(path)).toBe(200);
  });

  test("that a living process listens on is refused", async () => {
    const path = socketPath();
    await serving(make(), { path });
    await expect(serving(make(), { path })).rejects.toThrow(
      `Cannot listen on "${path}": another process listens there`,
    );
    expect(await getOver(path)).toBe(200);
  });

  test("has the permissions that were asked for, and else what the umask leaves", async () => {
    for (const mode of [0o600, 0o660, undefined]) {
      const path = socketPath();
      await serving(make(), mode === undefined ? { path } : { path, mode });
      expect(statSync(path).mode & 0o777).toBe(mode ?? (0o777 & ~process.umask()));
    }
  });

  test(
    "without a living owner is taken over by exactly one of several processes",
    { timeout: 60_000 },
    async () => {
      for (let round = 0; round < 2; round++) {
        const path = socketPath();
        await leaveBehind(path);
        const at = String(Date.now() + 2000);
        const programs = Array.from(
          { length: 4 },
          () => start("http_unix_race", { args: [path, at], timeoutMs: 30_000 }),
        );
        const said = await Promise.all(programs.map((program) => program.waitForLine("race: ")));
        expect(said.filter((line) => line === "race: up")).toHaveLength(1);
        expect(said.filter((line) => line.includes("another process listens there"))).toHaveLength(3);
        expect(await getOver(path)).toBe(200);
        // Those that were refused have nothing that keeps them alive.
        programs[said.indexOf("race: up")]?.kill("SIGKILL");
        await Promise.all(programs.map(({ exited }) => exited));
        expect(existsSync(`${path}.lock`)).toBe(false);
      }
    },
  );

  test("is not delayed for long by the lock of a dead process", { timeout: 20_000 }, async () => {
    const path = socketPath();
    writeFileSync(`${path}.lock`, "");
    const old = new Date(Date.now() - 60_000);
    utimesSync(`${path}.lock`, old, old);
    await serving(make(), { path });
    expect(await getOver(path)).toBe(200);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("whose path is too long is refused, and not cut", async () => {
    const path = `${socketPath()}${"x".repeat(100)}`;
    await expect(serving(make(), { path })).rejects.toThrow("the path has more than 107 bytes");
  });

  test("whose path is that of a file is refused, and the file stays", async () => {
    const path = socketPath();
    writeFileSync(path, "precious");
    await expect(serving(make(), { path })).rejects.toThrow(
      `Cannot listen on "${path}": there is a file of this name that is no socket`,
    );
    expect(statSync(path).size).toBe(8);
  });

  test("in a folder that is not there is one error", async () => {
    const path = `${socketPath()}/x/app.sock`;
    await expect(serving(make(), { path })).rejects.toThrow(
      `Cannot listen on "${path}": there is no such folder`,
    );
  });
});

describe("what is refused at once", () => {
  const server = make();
  test.each<[what: string, options: object, message: string]>([
    ["an unknown option", { prot: 1 }, 'unknown option "prot"'],
    ["a port that is none", { port: 1.5 }, '"port" is 1.5, expected a port from 0 to 65535'],
    ["a port out of range", { port: 65_536 }, '"port" is 65536, expected a port from 0 to 65535'],
    ["a port in words", { port: "80" }, '"port" is "80", expected a port from 0 to 65535'],
    ["a host that is none", { host: 7 }, '"host" is 7, expected a name or an address'],
    ["a name that is none", { name: "" }, 'the name is "", expected a string that is not empty'],
    ["path and port", { path: "/run/x", port: 1 }, 'it has both "path" and "port", expected one of them'],
    ["permissions without a path", { mode: 0o600 }, '"mode" needs the "path" of a unix socket'],
    ["permissions that are none", { path: "/run/x", mode: 0o1000 }, '"mode" is 512, expected permissions'],
    [
      "listen: false with a port",
      { listen: false, port: 1 },
      'it has both "listen: false" and "port", expected one of them',
    ],
    ["inherit with a port", { inherit: "web", port: 1 }, 'it has both "inherit" and "port", expected one'],
    ["inherit without a name", { inherit: "" }, '"inherit" is "", expected the name of a socket'],
    ["what is no boolean", { failOnCut: 1 }, '"failOnCut" is 1, expected true or false'],
    [
      "a keepAliveTimeout below 0",
      { keepAliveTimeout: -1 },
      '"keepAliveTimeout" is -1, expected milliseconds',
    ],
    ["no number of milliseconds", { lameDuckMs: NaN }, '"lameDuckMs" is NaN, expected milliseconds'],
    ["a time below 0", { lameDuckMs: -1 }, '"lameDuckMs" is -1, expected milliseconds'],
    ["a time that is too long", { lameDuckMs: 2 ** 31 }, '"lameDuckMs" is 2147483648, expected milliseconds'],
    ["an application beside a server", { fetch: () => new Response() }, 'unknown option "fetch"'],
  ])("%s", (_, options, message) => {
    expect(() => httpServer(server, options)).toThrow(`Cannot make an HTTP server: ${message}`);
  });

  test.each<[given: unknown, shown: string]>([[undefined, "undefined"], [{}, "an object"], [8080, "8080"]])(
    "%j as a server",
    (given, shown) => {
      expect(() => httpServer(given as never)).toThrow(
        `Cannot make an HTTP server: it is ${shown}, expected a server`,
      );
    },
  );

  test("a function that serves nothing", () => {
    expect(() => httpServer((() => {}) as never, { fetch: () => new Response() })).toThrow(
      "Cannot make an HTTP server: it is a function, expected Deno.serve or Bun.serve",
    );
    expect(() => httpServer((() => {}) as never, {} as never)).toThrow(
      '"fetch" is undefined, expected a function',
    );
  });
});

test("importing it loads no module of the network", async (context) => {
  if (runtime !== "node") context.skip("this runtime does not tell what it has loaded");
  const { lines } = await start("http_node_import").exited;
  expect(JSON.parse(lines.find((line) => line.startsWith("{")) ?? "null")).toEqual({
    exports: expect.any(Number),
    known: true,
    loaded: [],
  });
});
