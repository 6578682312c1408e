import { describe, expect, test } from "vitest";
import { type Guest, guest, type Phase, ProcessBus, RightError } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { LIFE, testBus } from "./_test_bus.ts";

type Rights = Parameters<typeof guest>[2];

/** A bus with a guest named "shop". */
function shopBus(rights: Rights = [], options?: Parameters<typeof testBus>[0]) {
  const life = testBus(options);
  return { ...life, shop: guest(life.bus, "shop", rights) };
}

describe("rights", () => {
  const refused = (right: string) => ({ name: "RightError", guest: "shop", right });

  test.each(["start", "stop", "exit", "graceful", "restart", "reload"] as const)(
    "%s is refused without it, and that is logged",
    async (right) => {
      const { bus, shop, settle, path, logged } = shopBus();
      await settle(bus.start());
      await expect(shop.request(right)).rejects.toMatchObject(refused(right));
      await expect(shop.request(right)).rejects.toBeInstanceOf(RightError);
      expect(logged(new RegExp(`"${right}": the guest "shop"`))).toBe(2);
      expect([path(), bus.inspect().generation]).toEqual(["enter idle start run", 0]);
    },
  );

  test.each(
    [
      ["start", "enter idle start run"],
      ["stop", "enter idle start run drain stop idle"],
      ["graceful", "enter idle start run drain stop idle start run"],
      ["exit", LIFE],
      ["restart", LIFE],
    ] as const,
  )("%s is done with it", async (right, path) => {
    const life = shopBus([right], { host: { respawn: true } });
    if (right !== "start") await life.settle(life.bus.start());
    await life.settle(life.shop.request(right));
    expect(life.path()).toBe(path);
  });

  test("reload is done with it", async () => {
    const { bus, shop, settle } = shopBus(["reload"]);
    await settle(bus.start());
    expect(await settle(shop.request("reload"))).toBe(undefined);
    expect(bus.inspect().generation).toBe(1);
  });

  test("exit takes a code", async () => {
    const { bus, shop, settle } = shopBus(["exit"]);
    await settle(shop.request("exit", { code: 4 }));
    expect(await settle(bus.block())).toBe(4);
  });

  test("publish is for the channel that it was given", async () => {
    const { shop, did } = shopBus(["publish:order"]);
    const host = new ProcessBus<{ order: [number: number] }>({ platform: testing() });
    const tenant = guest(host as unknown as ProcessBus, "shop", ["publish:order"]);
    host.subscribe("order", (number) => number * 2);
    expect(await tenant.publish("order", 21)).toEqual([42]);
    await expect(tenant.publish("invoice")).rejects.toMatchObject(refused("publish:invoice"));
    expect(() => shop.publish("run")).not.toThrow();
    await expect(shop.publish("exit")).rejects.toMatchObject(refused("publish:exit"));
    expect(did).toEqual([]);
  });

  test("to publish gives no way to the channels of the bus", async () => {
    const { shop } = shopBus(["publish:run"]);
    await expect(shop.publish("run")).rejects.toThrow("only the bus itself publishes on it");
  });

  test("count inside a phase, too", async () => {
    const { bus, shop, settle, logged } = shopBus(["graceful"]);
    shop.subscribe("run", (phase) => (phase as Phase).request("exit", { code: 3 }));
    shop.use({ name: "db", start: (phase) => phase.request("stop") });
    await settle(bus.start());
    expect([bus.state, logged(/right "exit"/), logged(/right "stop"/)]).toEqual(["run", 1, 1]);
    shop.subscribe("stop", (phase) => (phase as Phase).request("graceful"));
    await settle(bus.stop());
    await settle(bus.wait("run"));
  });

  test("never include more time for a phase of the host", async () => {
    const { bus, shop, settle, logged, did } = shopBus(["exit"]);
    shop.subscribe(
      "stop",
      (phase) => void did.push(`${(phase as Phase).extend(1000)} of ${(phase as Phase).left()}`),
    );
    await settle(bus.start());
    await settle(bus.stop());
    expect([did, logged(/right "extend"/)]).toEqual([["0 of 10000"], 1]);
  });

  test("to replace the way of a restart are those to restart", () => {
    expect(() => shopBus().shop.subscribe("restart", () => {})).toThrow(RightError);
    expect(() => shopBus(["restart"]).shop.subscribe("restart", () => {})).not.toThrow();
  });

  test.each(["everything", "publish", 7, null])("%o is none", (right) => {
    expect(() => shopBus([right as never])).toThrow(`Cannot make the guest "shop": the right`);
  });

  test("a guest has a name", () => {
    expect(() => guest(testBus().bus, "")).toThrow(TypeError);
  });
});

describe("nothing reachable from a guest", () => {
  /** All objects and functions that can be reached, but for what the language and the host bring. */
  function reachable(roots: readonly unknown[]): Set<unknown> {
    const known = [
      Object,
      Function,
      Array,
      Promise,
      Error,
      RightError,
      Symbol,
      String,
      Number,
      Boolean,
      AbortSignal,
    ];
    const seen = new Set<unknown>(known.flatMap((built) => [built, built.prototype]));
    const found = new Set<unknown>();
    const visit = (value: unknown) => {
      if (Object(value) !== value || seen.has(value)) return;
      seen.add(value);
      found.add(value);
      if (value instanceof AbortSignal || value instanceof Promise) return;
      for (const key of Reflect.ownKeys(value as object)) {
        try {
          visit((value as Record<PropertyKey, unknown>)[key]);
        } catch { /* What cannot be read leads nowhere. */ }
      }
      visit(Object.getPrototypeOf(value));
    };
    roots.forEach(visit);
    return found;
  }

  test("leads to its bus", async () => {
    const { bus, shop, settle, platform } = shopBus(["reload", "publish:order"]);
    const given: unknown[] = [shop];
    const take = function (this: unknown, ...args: unknown[]) {
      given.push(this, ...args);
    };
    for (const channel of ["start", "run", "drain", "stop", "exit", "log", "signal", "reload", "order"]) {
      given.push(shop.subscribe(channel, take));
    }
    given.push(shop.use({ name: "db", start: take, drain: take, stop: take, reload: take as never }));
    given.push(await shop.request("exit").catch((error) => error));
    given.push(await shop.wait("nonsense" as never).catch((error) => error));
    await settle(bus.start());
    await settle(shop.publish("order", 1));
    await settle(shop.request("reload"));
    platform.deliver("SIGUSR1");
    await settle(bus.exit());
    const found = reachable(given);
    expect(found.size).toBeGreaterThan(20);
    for (
      const secret of [bus, ProcessBus, ProcessBus.prototype, platform, platform.control, platform.clock]
    ) {
      expect(found.has(secret)).toBe(false);
    }
    expect([...found].some((value) => value instanceof ProcessBus)).toBe(false);
  });

  test("lets it change the guest itself", () => {
    const { shop } = shopBus();
    expect(Object.isFrozen(shop)).toBe(true);
    expect(() => (shop as { -readonly [K in keyof Guest]: unknown }).name = "host").toThrow(TypeError);
  });
});
