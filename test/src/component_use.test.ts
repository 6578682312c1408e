import { describe, expect, test } from "vitest";
import { fail, testBus } from "./_test_bus.ts";

describe("a resource", () => {
  const resources: [string, (dispose: () => void) => Disposable | AsyncDisposable][] = [
    ["Disposable", (dispose) => ({ [Symbol.dispose]: dispose })],
    ["AsyncDisposable", (dispose) => ({ [Symbol.asyncDispose]: () => Promise.resolve(dispose()) })],
  ];

  test.each(resources)("that is %s is disposed of once, at the first stop", async (_, make) => {
    const { bus, settle, did, note } = testBus();
    const handle = bus.use(make(note("dispose")));
    await settle(bus.start());
    expect([handle.status, handle.value, did]).toEqual(["up", undefined, []]);
    await settle(bus.graceful());
    await settle(bus.exit());
    expect([did, handle.status]).toEqual([["dispose"], "removed"]);
  });

  test("is called as a method, by the asynchronous way where it has both", async () => {
    const { bus, settle, did } = testBus();
    class Pool {
      readonly #name = "pool";
      [Symbol.dispose]() {
        did.push(`sync ${this.#name}`);
      }
      async [Symbol.asyncDispose]() {
        await Promise.resolve();
        did.push(`async ${this.#name}`);
      }
    }
    bus.use(new Pool());
    await settle(bus.start());
    await settle(bus.stop());
    expect(did).toEqual(["async pool"]);
  });

  test("has the name it is given, or a number", () => {
    const { bus } = testBus();
    const make = () => ({ [Symbol.dispose]() {} });
    expect([bus.use(make()).name, bus.use(make(), { name: "pool" }).name, bus.use(make()).name]).toEqual([
      "resource 1",
      "pool",
      "resource 2",
    ]);
  });

  test("that fails to be disposed of is a failure of stop", async () => {
    const { bus, settle } = testBus();
    bus.use({ [Symbol.dispose]: fail("stuck") }, { name: "pool" });
    await settle(bus.start());
    await expect(settle(bus.stop())).rejects.toMatchObject({
      failures: [{ channel: "stop", listener: "pool" }],
    });
  });

  test("is no component, and a component that can be disposed of is no resource", async () => {
    const { bus, settle, did, note } = testBus();
    bus.use({ name: "db", start: () => {}, stop: note("stop"), [Symbol.dispose]: note("dispose") } as never);
    await settle(bus.start());
    await settle(bus.stop());
    expect(did).toEqual(["stop"]);
  });

  test("may be used while the bus runs", async () => {
    const { bus, settle, did, note } = testBus();
    await settle(bus.start());
    const handle = bus.use({ [Symbol.dispose]: note("dispose") });
    await settle(handle.ready);
    await settle(bus.stop());
    expect(did).toEqual(["dispose"]);
  });
});

describe("bad input", () => {
  test.each([
    [undefined, "Cannot use a component: the name is undefined"],
    [{ start() {} }, "Cannot use a component: the name is undefined"],
    [{ name: "" }, 'Cannot use a component: the name is ""'],
    [{ name: "db", start: 7 }, 'Cannot use component "db": "start" is 7, expected a function'],
    [{ name: "db", stop: null }, 'Cannot use component "db": "stop" is null, expected a function'],
    [
      { name: "db", dependsOn: "cache" },
      'Cannot use component "db": "dependsOn" is "cache", expected a list',
    ],
    [{ name: "db", dependsOn: [7] }, 'Cannot use component "db": "dependsOn" is'],
    [{ name: "db", join: "later" }, 'Cannot use component "db": "join" is "later", expected "now" or "next"'],
    [{ name: "db", startWithin: NaN }, 'Cannot use component "db": "startWithin" is NaN'],
    [{ name: "db", stopWithin: -1 }, 'Cannot use component "db": "stopWithin" is -1'],
    [{ name: "db", dependson: [] }, 'Cannot use component "db": unknown option "dependson"'],
  ])("%o is refused at use", (component, message) => {
    const { bus } = testBus();
    expect(() => bus.use(component as never)).toThrow(message);
    expect(bus.inspect().components).toEqual([]);
  });

  test("a name twice is refused at use", () => {
    const { bus } = testBus();
    bus.use({ name: "db" });
    expect(() => bus.use({ name: "db" })).toThrow(
      'Cannot use component "db": the bus has a component of this name',
    );
  });

  test("the list of dependencies is copied at use", async () => {
    const { bus, settle } = testBus();
    const dependsOn = ["db"];
    bus.use({ name: "db" });
    bus.use({ name: "web", dependsOn });
    dependsOn.push("nobody");
    await settle(bus.start());
    expect(bus.inspect().components?.map(({ status }) => status)).toEqual(["up", "up"]);
  });

  test("unknown options of a resource are refused", () => {
    expect(() => testBus().bus.use({ [Symbol.dispose]() {} }, { nmae: "pool" } as never)).toThrow(
      'unknown option "nmae"',
    );
  });
});
