import { describe, expect, test } from "vitest";
import { guest } from "../../mod.ts";
import { hang, outcome, stay, testBus } from "./_test_bus.ts";

describe("a guest that closes", () => {
  test("waits for nothing any more", async () => {
    const { bus, platform } = testBus();
    const shop = guest(bus, "shop");
    const waiting = shop.wait("run");
    await shop.close();
    expect(String(await outcome(platform, waiting))).toContain("it is closed");
  });

  test("holds no drain open any more", async () => {
    const life = testBus();
    const { bus, settle } = life;
    const shop = guest(bus, "shop");
    await settle(bus.start());
    void shop.hold(hang(), { name: "orders" });
    expect(bus.inspect().held).toEqual([{ name: "shop/orders", ms: 0 }]);
    void shop.close();
    await settle(bus.stop());
    expect([bus.inspect().held, stay(life, "drain")]).toEqual([[], 0]);
  });

  test("asks for nothing, and publishes nothing, any more", async () => {
    const { bus, platform, settle } = testBus();
    const shop = guest(bus, "shop", ["exit", "publish:own"]);
    await settle(bus.start());
    await shop.close();
    expect(String(await outcome(platform, shop.request("exit")))).toContain("it is closed");
    expect(String(await outcome(platform, shop.publish("own")))).toContain("it is closed");
    expect(bus.state).toBe("run");
  });

  test("leaves no listener and no component", async () => {
    const { bus, settle } = testBus();
    const before = bus.inspect();
    const shop = guest(bus, "shop");
    await settle(bus.start());
    for (const channel of ["stop", "log", "own"]) shop.subscribe(channel, () => {}, { name: channel });
    shop.use({ name: "db" });
    await settle(shop.close());
    const { channels, components } = bus.inspect();
    expect(components).toEqual([]);
    for (const [name, listeners] of Object.entries(channels)) {
      expect(listeners).toEqual(before.channels[name] ?? []);
    }
  });
});
