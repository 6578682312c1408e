import { expect, test, vi } from "vitest";
import { type Guest, inline, type LogRecord, ProcessBus } from "../../../mod.ts";
import { type AppFactory, mount } from "../../../components/lazy.ts";
import { wait } from "./_tenants.ts";

const request = (path: string) => new Request(`http://127.0.0.1${path}`);

const load = (factory: AppFactory) => () => Promise.resolve({ default: factory });

/** An application with a component, which tells what becomes of it. */
function shop(events: string[], name = "shop"): AppFactory {
  return (guest) => {
    events.push(`make ${name}`);
    const db = guest.use({
      name: "db",
      start: () => {
        events.push(`start ${name}`);
        return "connection";
      },
      stop: () => void events.push(`stop ${name}`),
    });
    return () => new Response(`${name}: ${db.value}`);
  };
}

/** A bus, and what it logs as an error. */
function newBus(): { readonly bus: ProcessBus; readonly errors: string[] } {
  const bus = new ProcessBus({ platform: inline(), deadlines: { stop: 1_000 } });
  const errors: string[] = [];
  bus.subscribe("log", ({ level, message }: LogRecord) => level === "error" && errors.push(message));
  return { bus, errors };
}

async function ask(
  app: { fetch(request: Request): Response | Promise<Response> },
  path: string,
): Promise<string> {
  const answer = await app.fetch(request(path));
  return `${answer.status} ${await answer.text()}`;
}

test("a request goes to the application with the longest path that its own begins with", async () => {
  const { bus } = newBus();
  const named = (name: string) => ({
    load: load(() => (request) => new Response(`${name} ${(request as Request).url}`)),
  });
  const app = mount(bus, { "/": named("main"), "/shop": named("shop"), "/shop/admin": named("admin") });
  await bus.start();
  const of = async (path: string) => (await ask(app, path)).replace("http://127.0.0.1", "");
  expect(
    await Promise.all(
      ["/", "/shop", "/shop/", "/shop/a?b=/x", "/shop/admin/1", "/shopping", "/Shop"].map(of),
    ),
  )
    .toEqual([
      "200 main /",
      "200 shop /shop",
      "200 shop /shop/",
      "200 shop /shop/a?b=/x",
      "200 admin /shop/admin/1",
      "200 main /shopping",
      "200 main /Shop",
    ]);
  await bus.exit();
});

test("a path that no application has is 404, however it is disguised", async () => {
  const { bus } = newBus();
  const app = mount(bus, { "/shop": { load: load(() => () => new Response("shop")) } });
  await bus.start();
  expect(await ask(app, "/other")).toBe("404 Not Found\n");
  expect(await ask(app, "/shop/../other")).toBe("404 Not Found\n");
  expect(await ask(app, "//shop")).toBe("404 Not Found\n");
  expect(await ask(app, "/other/../shop")).toBe("200 shop");
  await bus.exit();
});

test("an application is loaded and made by its first request, once for all that come meanwhile", async () => {
  const { bus } = newBus();
  const events: string[] = [];
  const loading = vi.fn(load(shop(events)));
  const app = mount(bus, { "/shop": { load: loading } });
  await bus.start();
  expect([events, loading.mock.calls.length]).toEqual([[], 0]);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(app, "/shop")));
  expect(new Set(answers)).toEqual(new Set(["200 shop: connection"]));
  expect([events, loading.mock.calls.length]).toEqual([["make shop", "start shop"], 1]);
  await bus.exit();
  expect(events).toEqual(["make shop", "start shop", "stop shop"]);
});

test("a warm application is up before a server listens, so that nothing is created after that", async () => {
  const { bus } = newBus();
  const events: string[] = [];
  const app = mount(bus, {
    "/shop": { load: load(shop(events)), warm: true },
    "/blog": { load: load(shop(events, "blog")) },
  });
  bus.use({ name: "server", dependsOn: "all", start: () => void events.push("listen") });
  await bus.start();
  expect(events).toEqual(["make shop", "start shop", "listen"]);
  expect(await ask(app, "/shop")).toBe("200 shop: connection");
  expect(events).toEqual(["make shop", "start shop", "listen"]);
  await bus.exit();
});

test("a first request of a warm application takes no longer than its tenth, by far", async () => {
  const { bus } = newBus();
  const app = mount(bus, {
    "/shop": {
      load: async () => {
        await wait(100);
        return {
          default: (guest) => {
            guest.use({ name: "db", start: () => wait(100) });
            return () => new Response("ok");
          },
        };
      },
      warm: true,
    },
  });
  await bus.start();
  const begun = performance.now();
  await ask(app, "/shop");
  expect(performance.now() - begun).toBeLessThan(50);
  await bus.exit();
});

test("an application is a guest with the rights that it was given", async () => {
  const { bus } = newBus();
  const guests: Guest[] = [];
  const keep: AppFactory = (guest) => {
    guests.push(guest);
    return () => new Response("ok");
  };
  const app = mount(bus, {
    "/shop": { load: load(keep), rights: ["reload"], name: "store" },
    "/": { load: load(keep) },
  });
  await bus.start();
  await ask(app, "/shop");
  await ask(app, "/");
  expect(guests.map(({ name, state }) => [name, state])).toEqual([["store", "run"], ["root", "run"]]);
  await guests[0]!.request("reload");
  await expect(guests[1]!.request("reload")).rejects.toThrow('the guest "root" was not given it');
  await bus.exit();
});

test("after a while without a request its guest is closed, and the next request makes another", async () => {
  const { bus } = newBus();
  const events: string[] = [];
  const loading = vi.fn(load(shop(events)));
  const app = mount(bus, { "/shop": { load: loading, idleMs: 30 } });
  await bus.start();
  await ask(app, "/shop");
  await vi.waitFor(() => expect(events).toEqual(["make shop", "start shop", "stop shop"]));
  await vi.waitFor(() => expect(bus.inspect().components).toEqual([]));
  expect(await ask(app, "/shop")).toBe("200 shop: connection");
  expect(events).toEqual(["make shop", "start shop", "stop shop", "make shop", "start shop"]);
  await bus.exit();
});

test("an application with a request in flight is not idle", async () => {
  const { bus } = newBus();
  const closed = vi.fn();
  const app = mount(bus, {
    "/shop": {
      load: load((guest) => {
        guest.use({ name: "db", stop: closed });
        return async () => {
          await wait(80);
          return new Response("ok");
        };
      }),
      idleMs: 20,
    },
  });
  await bus.start();
  const answer = ask(app, "/shop");
  await wait(60);
  expect(closed).not.toHaveBeenCalled();
  expect(await answer).toBe("200 ok");
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
  await bus.exit();
});

test("a factory that fails is 503 for its path alone, is said in the log, and is tried again", async () => {
  const { bus, errors } = newBus();
  let isBroken = true;
  const closed = vi.fn();
  const app = mount(bus, {
    "/shop": {
      load: load((guest) => {
        guest.use({ name: "db", stop: closed });
        if (isBroken) throw new Error("no database");
        return () => new Response("ok");
      }),
    },
    "/": { load: load(() => () => new Response("main")) },
  });
  await bus.start();
  const answer = await app.fetch(request("/shop"));
  expect([answer.status, answer.headers.get("retry-after"), await answer.text()]).toEqual([
    503,
    "1",
    "Service Unavailable\n",
  ]);
  expect(errors).toEqual(['Cannot get "shop": no database']);
  expect(await ask(app, "/")).toBe("200 main");
  // What it had begun is closed.
  expect(bus.inspect().components).toEqual([]);
  isBroken = false;
  await wait(120);
  expect(await ask(app, "/shop")).toBe("200 ok");
  await bus.exit();
});

test("a component of an application that does not start is 503 for its path, and the bus goes on", async () => {
  const { bus, errors } = newBus();
  const app = mount(bus, {
    "/shop": {
      load: load((guest) => {
        guest.use({ name: "db", start: () => Promise.reject(new Error("connection refused")) });
        return () => new Response("ok");
      }),
    },
  });
  await bus.start();
  expect((await app.fetch(request("/shop"))).status).toBe(503);
  expect(errors).toContain('Cannot get "shop": connection refused');
  expect([bus.state, bus.inspect().components]).toEqual(["run", []]);
  await bus.exit();
});

test("an application that takes too long is 503, and is closed when it is there at last", async () => {
  const { bus } = newBus();
  const closed = vi.fn();
  const app = mount(bus, {
    "/shop": {
      load: load(async (guest) => {
        guest.use({ name: "db", stop: closed });
        await wait(60);
        return () => new Response("ok");
      }),
      within: 20,
    },
  });
  await bus.start();
  expect((await app.fetch(request("/shop"))).status).toBe(503);
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
  await bus.exit();
});

test("a warm application whose factory fails does not keep the bus from its start, and is tried again", async () => {
  const { bus, errors } = newBus();
  let isBroken = true;
  const app = mount(bus, {
    "/shop": {
      load: load(() => {
        if (isBroken) throw new Error("no database");
        return () => new Response("ok");
      }),
      warm: true,
    },
  });
  await bus.start();
  expect(bus.state).toBe("run");
  await vi.waitFor(() => expect(errors).toContain('Cannot prepare "shop": no database'));
  isBroken = false;
  await wait(120);
  expect(await ask(app, "/shop")).toBe("200 ok");
  await bus.exit();
});

test("a component of a warm application that does not start, or hangs, keeps the bus from nothing", async () => {
  const bus = new ProcessBus({ platform: inline(), deadlines: { start: 300 } });
  const errors: string[] = [];
  bus.subscribe("log", ({ level, message }) => level === "error" && errors.push(message));
  let isDown = true;
  const broken = (start: () => unknown): AppFactory => (guest) => {
    guest.use({ name: "db", start });
    return () => new Response("ok");
  };
  const app = mount(bus, {
    "/down": {
      load: load(broken(() => {
        if (isDown) throw new Error("connection refused");
      })),
      warm: true,
    },
    "/hung": { load: load(broken(() => new Promise(() => {}))), warm: true, within: 50 },
    "/": { load: load(() => () => new Response("main")), warm: true },
  });
  await bus.start();
  expect([bus.state, await ask(app, "/")]).toEqual(["run", "200 main"]);
  expect((await app.fetch(request("/down"))).status).toBe(503);
  expect((await app.fetch(request("/hung"))).status).toBe(503);
  expect(errors).toContain('Cannot get "down": connection refused');
  isDown = false;
  await vi.waitFor(async () => expect(await ask(app, "/down")).toBe("200 ok"), 3_000);
  await bus.exit();
});

test('a warm application with the right "critical" fails the start of the bus with its own', async () => {
  const { bus } = newBus();
  mount(bus, {
    "/shop": {
      load: load((guest) => {
        guest.use({ name: "db", start: () => Promise.reject(new Error("connection refused")) });
        return () => new Response("ok");
      }),
      warm: true,
      rights: ["critical"],
    },
  });
  await expect(bus.start()).rejects.toThrow("connection refused");
});

test("a warm application that is mounted while the bus runs is made at once", async () => {
  const { bus } = newBus();
  await bus.start();
  const events: string[] = [];
  const app = mount(bus, { "/shop": { load: load(shop(events)), warm: true } });
  await vi.waitFor(() => expect(events).toEqual(["make shop", "start shop"]));
  expect(await ask(app, "/shop")).toBe("200 shop: connection");
  await bus.exit();
});

test.each([
  [{}, "the default export is undefined"],
  [{ default: { fetch() {} } }, "the default export is an object"],
  [undefined, "the default export is undefined"],
])("a module that exports no factory is refused by name: %#", async (module, message) => {
  const { bus, errors } = newBus();
  const app = mount(bus, { "/shop": { load: () => Promise.resolve(module) as never } });
  await bus.start();
  expect((await app.fetch(request("/shop"))).status).toBe(503);
  expect(errors).toEqual([
    `Cannot get "shop": Cannot mount "/shop": ${message}, expected a function that makes the application`,
  ]);
  await bus.exit();
});

test("applications rest with the bus, and answer again when it runs again, with components that were started anew", async () => {
  const { bus } = newBus();
  const events: string[] = [];
  const app = mount(bus, {
    "/shop": { load: load(shop(events)), warm: true },
    "/blog": { load: load(shop(events, "blog")) },
  });
  await bus.start();
  await ask(app, "/blog");
  await bus.stop();
  expect(await ask(app, "/shop")).toBe("503 Service Unavailable\n");
  expect(await ask(app, "/blog")).toBe("503 Service Unavailable\n");
  await bus.start();
  expect([await ask(app, "/shop"), await ask(app, "/blog")]).toEqual([
    "200 shop: connection",
    "200 blog: connection",
  ]);
  expect(events.filter((event) => event.startsWith("make")).length).toBe(2);
  expect(events.filter((event) => event.startsWith("start")).length).toBe(4);
  await bus.exit();
  expect(events.filter((event) => event.startsWith("stop")).length).toBe(4);
});
