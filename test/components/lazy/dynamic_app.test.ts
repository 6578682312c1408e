import { expect, test, vi } from "vitest";
import { inline, ProcessBus } from "../../../mod.ts";
import { type DynamicApp, dynamicApp } from "../../../components/lazy.ts";
import { ask, gate, request, tenantOf, wait } from "./_tenants.ts";

test("each configuration has an application of its own, made once", async () => {
  const create = vi.fn(async ({ tenant }: { tenant: string }) => {
    await wait(5);
    return () => new Response(`the shop of ${tenant}`);
  });
  const shops = dynamicApp({ config: tenantOf, create });
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, nth) => ask(shops, nth % 2 === 0 ? "ada" : "grace")),
  );
  expect(answers.slice(0, 2)).toEqual([[200, "the shop of ada"], [200, "the shop of grace"]]);
  expect(create).toHaveBeenCalledTimes(2);
  expect(shops.size).toBe(2);
});

test("the order of the keys makes no other application, however often it changes", async () => {
  const create = vi.fn(() => () => new Response("ok"));
  const keys = ["a", "b", "c", "d"];
  let nth = 0;
  const shops = dynamicApp({
    config() {
      nth++;
      return Object.fromEntries(keys.map((_, index) => [keys[(index + nth) % 4]!, 1]));
    },
    create,
  });
  for (let times = 0; times < 12; times++) await ask(shops, "ada");
  expect([create.mock.calls.length, shops.size]).toEqual([1, 1]);
});

test("a configuration that looks the same as JSON, and is no plain data, is refused", async () => {
  let max: unknown = null;
  const shops = dynamicApp({ config: () => ({ max }), create: () => () => new Response("ok") });
  expect(await ask(shops, "ada")).toEqual([200, "ok"]);
  max = NaN;
  expect(() => shops.fetch(request("ada"))).toThrow('Cannot use the configuration: "max" is NaN');
  expect(shops.size).toBe(1);
});

test("a configuration may come later, and its failure is its caller's", async () => {
  const shops = dynamicApp({
    config: async (request) => {
      await wait(1);
      const found = tenantOf(request);
      if (found.tenant === "nobody") throw new Error("no such tenant");
      return found;
    },
    create: ({ tenant }) => ({ fetch: () => new Response(tenant) }),
  });
  expect(await ask(shops, "ada")).toEqual([200, "ada"]);
  await expect(ask(shops, "nobody")).rejects.toThrow("no such tenant");
});

test("the application has a configuration of its own, which nobody can change", async () => {
  const own = { tenant: "ada", list: [1] };
  const shops: DynamicApp<typeof own> = dynamicApp({
    config: () => own,
    create: (config) => () =>
      Response.json([config, Object.isFrozen(config.list), shops.current() === config]),
  });
  await ask(shops, "ada");
  own.list.push(2);
  const [, first] = await ask(shops, "ada");
  own.list.pop();
  const [, second] = await ask(shops, "ada");
  expect([JSON.parse(first), JSON.parse(second)]).toEqual([
    [{ tenant: "ada", list: [1, 2] }, true, true],
    [{ tenant: "ada", list: [1] }, true, true],
  ]);
  expect(shops.size).toBe(2);
});

test("what a request calls is told its configuration, also after a wait and while its application is made", async () => {
  const whose = (): string => shops.current().tenant;
  const shops: DynamicApp<{ tenant: string }> = dynamicApp({
    config: tenantOf,
    async create() {
      await wait(1);
      const maker = whose();
      return async () => {
        await wait(1);
        return new Response(`${maker} ${whose()}`);
      };
    },
  });
  const [ada, grace] = await Promise.all([ask(shops, "ada"), ask(shops, "grace")]);
  expect([ada[1], grace[1]]).toEqual(["ada ada", "grace grace"]);
  expect(whose).toThrow('Cannot tell the current configuration: no request of "dynamicApp" is at hand');
});

test("two dynamic applications, one in the other, have a configuration each", async () => {
  const inner: DynamicApp<object> = dynamicApp({
    config: () => ({ shelf: 1 }),
    create: () => () => Response.json([outer.current(), inner.current()]),
  });
  const outer: DynamicApp<object> = dynamicApp({
    config: tenantOf,
    create: () => inner,
  });
  expect(await ask(outer, "ada")).toEqual([200, '[{"tenant":"ada"},{"shelf":1}]']);
});

test("what its server gives besides the request is passed on", async () => {
  const shops = dynamicApp({
    config: (_request, env: { name: string }) => ({ tenant: env.name }),
    create: () => (_request, env) => Response.json(env),
  });
  expect(await (await shops.fetch(request("ada"), { name: "env" })).json()).toEqual({ name: "env" });
});

test("a create that fails is 503 with a time to come again, is said in the log, and is tried again", async () => {
  const bus = new ProcessBus({ platform: inline() });
  const log: string[] = [];
  bus.subscribe("log", ({ level, message }) => level === "error" && log.push(message));
  let isDown = true;
  const shops = dynamicApp({
    name: "shops",
    config: tenantOf,
    async create() {
      if (isDown) throw new Error("connection refused");
      return () => new Response("ok");
    },
    label: ({ tenant }) => tenant,
    retryDelay: 400,
  });
  bus.use(shops);
  await bus.start();
  const answers = await Promise.all([shops.fetch(request("ada")), shops.fetch(request("ada"))]);
  expect(answers.map(({ status, headers }) => [status, headers.get("retry-after")])).toEqual([[503, "1"], [
    503,
    "1",
  ]]);
  expect(log).toEqual(['Cannot get "shops ada": connection refused']);
  isDown = false;
  expect((await ask(shops, "ada"))[0]).toBe(503);
  // Others do not wait for its pause.
  expect(await ask(shops, "grace")).toEqual([200, "ok"]);
  await wait(420);
  expect(await ask(shops, "ada")).toEqual([200, "ok"]);
  await bus.exit();
});

test("a create that hangs holds up its own requests alone, and these no longer than they may wait", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const shops = dynamicApp({
    config: tenantOf,
    create: ({ tenant }) => tenant === "slow" ? new Promise<never>(() => {}) : () => new Response("ok"),
    within: 60,
  });
  const slow = ask(shops, "slow");
  expect(await ask(shops, "ada")).toEqual([200, "ok"]);
  expect((await slow)[0]).toBe(503);
  expect(console.error).toHaveBeenCalledWith('Cannot get "dynamicApp": it was not made within 60 ms');
  vi.restoreAllMocks();
});

test("what was made and is no application is refused by name", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const shops = dynamicApp({ config: () => 1, create: () => 7 as never });
  expect((await ask(shops, "ada"))[0]).toBe(503);
  expect(vi.mocked(console.error).mock.calls[0]?.[0]).toContain(
    'Cannot use what "dynamicApp" has made: the application is 7, expected a function or an object with "fetch"',
  );
  vi.restoreAllMocks();
});

test("what the application throws, or rejects with, is passed on", async () => {
  const shops = dynamicApp({
    config: tenantOf,
    create: ({ tenant }) => () => {
      if (tenant === "ada") throw new Error("at once");
      return Promise.reject(new Error("later"));
    },
  });
  await expect(ask(shops, "ada")).rejects.toThrow("at once");
  expect(() => shops.fetch(request("ada"))).toThrow("at once");
  await expect(ask(shops, "grace")).rejects.toThrow("later");
});

test("the least recently used application goes first", async () => {
  const closed: string[] = [];
  const shops = dynamicApp({
    config: tenantOf,
    create: ({ tenant }) => () => new Response(tenant),
    dispose: (_app, { tenant }) => closed.push(tenant),
    max: 2,
  });
  for (const tenant of ["ada", "grace", "ada", "mary"]) await ask(shops, tenant);
  expect([closed, shops.size]).toEqual([["grace"], 2]);
  await ask(shops, "grace");
  expect(closed).toEqual(["grace", "ada"]);
});

test("an application that is given up finishes its requests, and what they hold, before it is disposed of", async () => {
  const events: string[] = [];
  const answered = gate();
  const streamed = gate();
  const shops = dynamicApp({
    config: tenantOf,
    create: ({ tenant }) => async () => {
      if (tenant !== "ada") return new Response("ok");
      await answered.open;
      void shops.hold(streamed.open.then(() => events.push("streamed")));
      return new Response("late");
    },
    dispose: (_app, { tenant }) => events.push(`close ${tenant}`),
    max: 1,
  });
  const late = ask(shops, "ada");
  await ask(shops, "grace");
  // Meanwhile there is a second application of the same configuration.
  answered.release();
  expect(await late).toEqual([200, "late"]);
  await wait(5);
  expect(events).toEqual([]);
  streamed.release();
  await vi.waitFor(() => expect(events).toEqual(["streamed", "close ada"]));
});

test("a configuration that comes again while its application ends has a new one", async () => {
  let made = 0;
  const answered = gate();
  const shops = dynamicApp({
    config: tenantOf,
    create() {
      const nth = ++made;
      return async () => {
        if (nth === 1) await answered.open;
        return new Response(String(nth));
      };
    },
    max: 1,
  });
  const first = ask(shops, "ada");
  await ask(shops, "grace");
  expect(await ask(shops, "ada")).toEqual([200, "3"]);
  answered.release();
  expect(await first).toEqual([200, "1"]);
});

test("a dispose that fails is said in the log, and nobody's request fails", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const shops = dynamicApp({
    name: "shops",
    config: tenantOf,
    create: () => () => new Response("ok"),
    dispose() {
      throw new Error("already closed");
    },
    max: 1,
  });
  expect([await ask(shops, "ada"), await ask(shops, "grace")]).toEqual([[200, "ok"], [200, "ok"]]);
  await vi.waitFor(() => {
    expect(console.error).toHaveBeenCalledWith('Cannot dispose of "shops": already closed');
  });
  vi.restoreAllMocks();
});

test("a dispose that hangs holds up nobody but the stop, and that until its deadline", async () => {
  const bus = new ProcessBus({ platform: inline(), deadlines: { stop: 60 } });
  bus.subscribe("log", () => {});
  const shops = dynamicApp({
    name: "shops",
    config: tenantOf,
    create: () => () => new Response("ok"),
    dispose: () => new Promise(() => {}),
    max: 1,
  });
  bus.use(shops);
  await bus.start();
  expect([await ask(shops, "ada"), await ask(shops, "grace")]).toEqual([[200, "ok"], [200, "ok"]]);
  await expect(bus.exit()).rejects.toThrow("shops (stop) timed out");
  expect(bus.state).toBe("exited");
});

test("a bus that uses it disposes of all at the stop; then requests are refused until the next start", async () => {
  const bus = new ProcessBus({ platform: inline() });
  const closed: string[] = [];
  const shops = dynamicApp({
    config: tenantOf,
    create: () => () => new Response("ok"),
    dispose: async (_app, { tenant }) => {
      await wait(5);
      closed.push(tenant);
    },
  });
  bus.use(shops);
  await bus.start();
  await Promise.all(["ada", "grace"].map((tenant) => ask(shops, tenant)));
  await bus.stop();
  expect(closed.sort()).toEqual(["ada", "grace"]);
  expect((await ask(shops, "ada"))[0]).toBe(503);
  await bus.start();
  expect(await ask(shops, "ada")).toEqual([200, "ok"]);
  await bus.exit();
});

test("what the applications depend on stops after them", async () => {
  const bus = new ProcessBus({ platform: inline() });
  const events: string[] = [];
  bus.use({ name: "db", stop: () => void events.push("db") });
  const shops = dynamicApp({
    dependsOn: ["db"],
    config: tenantOf,
    create: () => () => new Response("ok"),
    dispose: async () => {
      await wait(5);
      events.push("shop");
    },
  });
  bus.use(shops);
  await bus.start();
  await ask(shops, "ada");
  await bus.exit();
  expect(events).toEqual(["shop", "db"]);
});

test("a stop does not wait for a request for ever", async () => {
  const bus = new ProcessBus({ platform: inline(), deadlines: { stop: 100 } });
  bus.subscribe("log", () => {});
  const closed = vi.fn();
  const shops = dynamicApp({
    config: () => 1,
    create: () => () => new Promise<Response>(() => {}),
    dispose: closed,
  });
  bus.use(shops);
  await bus.start();
  void shops.fetch(request("ada"));
  await wait(5);
  await bus.exit();
  expect(closed).toHaveBeenCalledTimes(1);
});

test("10,000 configurations leave no more behind than there may be", async () => {
  let alive = 0;
  const shops = dynamicApp({
    config: tenantOf,
    create() {
      alive++;
      return () => new Response("ok");
    },
    dispose: () => void alive--,
    max: 100,
  });
  for (let nth = 0; nth < 10_000; nth++) await shops.fetch(request(`t${nth}`));
  expect([shops.size, alive]).toEqual([100, 100]);
});

test.each([
  [undefined, "the options are undefined, expected an object"],
  [{ create() {} }, '"config" is undefined, expected a function'],
  [{ config() {} }, '"create" is undefined, expected a function'],
  [{ config() {}, create() {}, max: 0 }, '"max" is 0, expected a whole number from 1'],
  [{ config() {}, create() {}, max: 1.5 }, '"max" is 1.5'],
  [{ config() {}, create() {}, idleMs: -1 }, '"idleMs" is -1, expected milliseconds'],
  [{ config() {}, create() {}, dispose: 1 }, '"dispose" is 1, expected a function'],
  [{ config() {}, create() {}, name: 7 }, "the name is 7, expected a string"],
  [{ config() {}, create() {}, size: 7 }, 'unknown option "size"'],
])("bad options are refused by name: %#", (options, message) => {
  expect(() => dynamicApp(options as never)).toThrow(`Cannot make the dynamic application: ${message}`);
});

test("what is held is a promise, and belongs to a request", () => {
  const shops = dynamicApp({ config: () => 1, create: () => () => new Response("ok") });
  expect(() => shops.hold(7 as never)).toThrow("Cannot hold the application: it is 7, expected a promise");
  expect(() => shops.hold(Promise.resolve())).toThrow('no request of "dynamicApp" is at hand');
});
