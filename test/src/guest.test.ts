import { describe, expect, test } from "vitest";
import { guest, type LogRecord, type Phase } from "../../mod.ts";
import { fail, gate, testBus, work } from "./_test_bus.ts";

type Rights = Parameters<typeof guest>[2];

/** A bus with a guest named "shop". */
function shopBus(rights: Rights = [], options?: Parameters<typeof testBus>[0]) {
  const life = testBus(options);
  return { ...life, shop: guest(life.bus, "shop", rights) };
}

describe("what every guest may", () => {
  test("see where the bus stands", async () => {
    const { bus, shop, settle } = shopBus();
    expect([shop.name, shop.state, shop.settled]).toEqual(["shop", "initial", true]);
    await settle(bus.start());
    expect([shop.state, shop.settled]).toEqual(["run", true]);
  });

  test("wait for a state", async () => {
    const { bus, shop, settle } = shopBus();
    const running = shop.wait("run");
    await settle(bus.start());
    expect(await running).toBe("run");
  });

  test("subscribe to the states, after all of the host's listeners, whatever its priority", async () => {
    const { bus, shop, settle, did, note } = shopBus();
    shop.subscribe("start", note("shop 2"), { priority: 99 });
    shop.subscribe("start", note("shop 1"), { priority: -Infinity });
    shop.subscribe("start", note("shop 0"), { priority: -1e9 });
    bus.subscribe("start", note("host"), { priority: 1000 });
    await settle(bus.start());
    expect([did[0], did[3], did.length]).toEqual(["host", "shop 2", 4]);
  });

  test("subscribe under its own name, and leave", async () => {
    const { bus, shop, settle, did, note } = shopBus();
    const subscription = shop.subscribe("start", note("shop"), { name: "warm" });
    expect(bus.inspect().channels["start"]?.at(-1)?.name).toBe("shop/warm");
    expect(subscription.unsubscribe()).toBe(true);
    await settle(bus.start());
    expect(did).toEqual([]);
  });

  test("subscribe the same listener twice, and be called once", async () => {
    const { bus, shop, settle, did, note } = shopBus();
    const listener = note("shop");
    shop.subscribe("start", listener);
    shop.subscribe("start", listener, { once: true });
    await settle(bus.start());
    await settle(bus.graceful());
    expect(did).toEqual(["shop"]);
  });

  test("log, and see its own records alone", async () => {
    const { bus, shop, records } = shopBus();
    const seen: string[] = [];
    shop.subscribe("log", (record) => void seen.push((record as LogRecord).message));
    shop.log("mine", { guest: "other" });
    bus.log("the host's");
    guest(bus, "other").log("another's");
    expect(seen).toEqual(["mine"]);
    expect(records[0]).toMatchObject({ message: "mine", guest: "shop", level: "info" });
  });

  test("log in its own name by its phase", async () => {
    const { bus, shop, records, settle } = shopBus();
    shop.subscribe("start", (phase) => (phase as Phase).log("warming", { guest: "other" }));
    await settle(bus.start());
    expect(records.find(({ message }) => message === "warming")).toMatchObject({ guest: "shop" });
  });

  test("see the failures of its own listeners and components", async () => {
    const { bus, shop, settle } = shopBus([], { onStartFailure: "idle" });
    const seen: string[] = [];
    shop.subscribe("log", (record) => void seen.push((record as LogRecord).message));
    bus.subscribe("stop", fail("the host's"));
    shop.subscribe("start", fail("broken"), { name: "warm" });
    shop.use({ name: "db" });
    await settle(bus.start());
    await settle(bus.stop()).catch(() => {});
    expect(seen).toEqual([
      'Component "shop/db" is starting',
      expect.stringMatching(/^Component "shop\/db" is up/),
      '"shop/warm" on "start" failed: broken',
      'Component "shop/db" is stopping',
      expect.stringMatching(/^Component "shop\/db" is down/),
    ]);
  });

  test("prepare a reload of the host", async () => {
    const { bus, shop, settle, did } = shopBus();
    shop.subscribe("reload", () => ({ commit: () => void did.push("commit") }));
    await settle(bus.start());
    await settle(bus.reload());
    expect(did).toEqual(["commit"]);
  });
});

describe("a component of a guest", () => {
  test("is named after it, and has its value", async () => {
    const { bus, shop, settle } = shopBus();
    const db = shop.use({ name: "db", start: () => "connection" });
    await settle(bus.start());
    expect([db.name, db.value]).toEqual(["shop/db", "connection"]);
    expect(bus.inspect().components?.map(({ name }) => name)).toEqual(["shop/db"]);
  });

  test("depends on the guest's own alone", async () => {
    const { bus, shop, did, settle } = shopBus();
    bus.use({ name: "db", start: () => void did.push("host's db") });
    const web = shop.use({ name: "web", dependsOn: ["db"], start: () => void did.push("web") });
    await settle(bus.start());
    expect([did, web.status]).toEqual([["host's db"], "down"]);
    await expect(web.ready).rejects.toThrow('there is no "shop/db"');
    await settle(bus.stop());
    shop.use({ name: "db", start: () => void did.push("db") });
    await settle(bus.start());
    expect(did.slice(1)).toEqual(["db", "web", "host's db"]);
  });

  test('means by "all" the guest\'s own', async () => {
    const { bus, shop, did, settle, note } = shopBus();
    shop.use({ name: "web", dependsOn: "all", start: () => void did.push("web") });
    bus.use({ name: "slow", start: (phase) => phase.delay(100).then(() => void did.push("slow")) });
    shop.use({ name: "db", start: () => void did.push("db"), stop: note("stop db") });
    await settle(bus.start());
    expect(did).toEqual(["db", "web", "slow"]);
    await settle(bus.stop());
    expect(did.at(-1)).toBe("stop db");
  });

  test("may be one of the same name as the host's, and as another guest's", () => {
    const { bus, shop } = shopBus();
    bus.use({ name: "db" });
    shop.use({ name: "db" });
    expect(guest(bus, "other").use({ name: "db" }).name).toBe("other/db");
    expect(() => shop.use({ name: "db" })).toThrow('Cannot use component "shop/db"');
  });

  test("keeps its own this, and gets value, phase and signal", async () => {
    const { bus, shop, settle, did } = shopBus();
    class Db {
      readonly name = "db";
      readonly url = "a";
      start(phase: Phase) {
        return `${this.url} in ${phase.state}`;
      }
      run(value: string, signal: { readonly aborted: boolean }) {
        did.push(`run ${this.url} ${value} ${signal.aborted}`);
        return new Promise<void>(() => {});
      }
      stop(value: string, phase: Phase) {
        did.push(`stop ${this.url} ${value} in ${phase.state}`);
      }
    }
    shop.use(new Db());
    await settle(bus.start());
    await settle(bus.exit()).catch(() => {});
    expect(did).toEqual(["run a a in start false", "stop a a in start in stop"]);
  });

  test("keeps its times, and when it joins", async () => {
    const { bus, shop, settle, platform } = shopBus();
    await settle(bus.start());
    const later = shop.use({ name: "later", join: "next" });
    const db = shop.use({ name: "db", startWithin: 100, start: work });
    await expect(settle(db.ready)).rejects.toThrow();
    expect([platform.clock.now(), later.status]).toEqual([90, "down"]);
  });

  test("may be a resource", async () => {
    const { bus, shop, settle, did, note } = shopBus();
    shop.use({ [Symbol.dispose]: note("dispose") }, { name: "pool" });
    expect(bus.inspect().components?.map(({ name }) => name)).toEqual(["shop/pool"]);
    await settle(bus.start());
    await settle(bus.stop());
    expect(did).toEqual(["dispose"]);
  });

  test("does not end the host by the end of its work, unless it has the right", async () => {
    const ended = shopBus();
    ended.shop.use({ name: "mail", run: () => Promise.resolve() });
    ended.shop.use({ name: "queue", run: () => Promise.reject(new Error("lost")) });
    await ended.settle(ended.bus.start());
    await ended.platform.flush();
    expect([
      ended.bus.state,
      ended.logged(/"shop\/mail" has ended its run/),
      ended.logged(/"shop\/queue" failed: lost/),
    ]).toEqual(["run", 1, 1]);
    await ended.settle(ended.bus.exit());
    const mighty = shopBus(["exit"]);
    mighty.shop.use({ name: "mail", run: () => Promise.resolve() });
    mighty.bus.start();
    expect(await mighty.settle(mighty.bus.block())).toBe(70);
  });

  test("is held against the platform's traits, and checked like any other", () => {
    const { shop } = shopBus();
    expect(() => shop.use({ name: "db", needs: { lifetime: "once" } })).toThrow("the platform has");
    expect(() => shop.use({ name: "db", dependson: [] } as never)).toThrow('unknown option "dependson"');
    expect(() => shop.use({ name: "" })).toThrow(TypeError);
  });
});

describe("a phase of a guest", () => {
  test("has all that a phase has", async () => {
    const { bus, shop, settle, platform } = shopBus();
    const seen: unknown[] = [];
    shop.subscribe("start", async (given) => {
      const { state, from, reason, signal, left, delay } = given as Phase;
      seen.push(state, from, reason, signal.aborted, left());
      await delay(50);
      seen.push("delayed");
    });
    await settle(bus.start());
    expect(seen).toEqual(["start", "idle", { by: "call" }, false, 30_000]);
    await platform.clock.advance(50);
    expect(seen.at(-1)).toBe("delayed");
  });

  test("ends when the host's does", async () => {
    const { bus, shop, settle, platform } = shopBus();
    shop.subscribe("start", (phase) => work(phase as Phase));
    bus.start();
    await platform.flush();
    await settle(bus.exit());
    expect(platform.clock.now()).toBe(0);
  });
});

describe("close", () => {
  test("stops and removes all that the guest brought, dependants first", async () => {
    const { bus, shop, settle, did, note } = shopBus();
    shop.use({ name: "db", stop: note("stop db") });
    shop.use({ name: "mail", dependsOn: ["db"], stop: note("stop mail") });
    shop.use({ name: "web", dependsOn: "all", stop: note("stop web") });
    shop.subscribe("stop", note("listener"));
    bus.use({ name: "db", stop: note("stop host's db") });
    await settle(bus.start());
    await settle(shop.close());
    expect(did).toEqual(["stop web", "stop mail", "stop db"]);
    expect(bus.inspect().components?.map(({ name }) => name)).toEqual(["db"]);
    await settle(bus.stop());
    expect(did.slice(3)).toEqual(["stop host's db"]);
  });

  test("is what `await using` does, and may be done twice", async () => {
    const { bus, shop, settle } = shopBus();
    shop.use({ name: "db" });
    await settle(bus.start());
    await settle(shop[Symbol.asyncDispose]() as Promise<void>);
    await settle(shop.close());
    expect(bus.inspect().components).toEqual([]);
  });

  test("lets the guest bring nothing more", async () => {
    const { shop, settle } = shopBus();
    await settle(shop.close());
    expect(() => shop.subscribe("start", () => {})).toThrow('Cannot use the guest "shop": it is closed');
    expect(() => shop.use({ name: "db" })).toThrow("it is closed");
  });

  test("removes the others, though one fails to stop, and rejects", async () => {
    const { bus, shop, settle, did, note } = shopBus();
    shop.use({ name: "db", stop: note("stop db") });
    shop.use({ name: "cache", stop: fail("stuck") });
    await settle(bus.start());
    await expect(settle(shop.close())).rejects.toThrow("stuck");
    expect(did).toEqual(["stop db"]);
    await settle(bus.exit()).catch(() => {});
  });

  test("waits for the transition under way", async () => {
    const { bus, shop, settle, platform, did, note } = shopBus();
    const ready = gate();
    bus.subscribe("run", () => ready.promise);
    shop.use({ name: "db", stop: note("stop db") });
    bus.start();
    await platform.flush();
    const closed = shop.close();
    await platform.flush();
    expect(did).toEqual([]);
    ready.open();
    await settle(closed);
    expect([did, bus.state]).toEqual([["stop db"], "run"]);
  });
});
