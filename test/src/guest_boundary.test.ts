/** What a guest cannot do to its host, nor to another guest: the mistakes and the overreach that it is a boundary against. */
import { describe, expect, test } from "vitest";
import {
  type Guest,
  guest,
  type LogRecord,
  type Phase,
  type Reason,
  type Reload,
  type Right,
  type Signal,
} from "../../mod.ts";
import { fail, hang, LIFE, outcome, stay, testBus } from "./_test_bus.ts";

/** Tries to change every property of a value, all the way down. */
function vandalize(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Reflect.ownKeys(value)) {
    vandalize(Reflect.get(value, key));
    Reflect.set(value, key, "changed");
    Reflect.deleteProperty(value, key);
  }
  Reflect.set(value, "leftMs", 0);
  Reflect.set(value, "code", 99);
}

describe("what a guest is given is no part of the host", () => {
  test("a reason: it sets neither the exit code nor the time", async () => {
    const { bus, settle } = testBus();
    const shop = guest(bus, "shop");
    let seen: Reason | undefined;
    const left: number[] = [];
    shop.subscribe("drain", (phase: Phase) => vandalize(phase.reason));
    bus.subscribe("stop", (phase) => {
      seen = phase.reason;
      left.push(phase.left());
    });
    await settle(bus.start());
    void bus.exit(3);
    expect(await settle(bus.block())).toBe(3);
    expect([seen, left]).toEqual([{ by: "call", code: 3 }, [10_000]]);
  });

  test("a signal's reason: the host's listeners, called later, do not see it changed", async () => {
    const { bus, platform, settle } = testBus();
    const seen: unknown[] = [];
    guest(bus, "shop").subscribe("signal", (reason: Reason) => vandalize(reason));
    bus.subscribe("drain", (phase) => void seen.push({ ...phase.reason }));
    await settle(bus.start());
    platform.deliver("SIGTERM");
    expect(await settle(bus.block())).toBe(0);
    expect(seen).toEqual([{ by: "signal", name: "SIGTERM", number: 15 }]);
  });

  test("the details of a reload, nor of another guest's", async () => {
    const { bus, settle } = testBus();
    const details = { nested: { list: [1, 2] } };
    const seen: unknown[] = [];
    guest(bus, "shop", ["veto"]).subscribe("reload", (reload: Reload) => vandalize(reload.details));
    guest(bus, "blog", ["veto"]).subscribe("reload", (reload: Reload) => void seen.push(reload.details));
    guest(bus, "wiki").subscribe("reload", (reload: Reload) => void seen.push(reload.details));
    await settle(bus.start());
    await settle(bus.reload(details));
    expect([details, ...seen]).toEqual(Array(3).fill({ nested: { list: [1, 2] } }));
  });

  test("details that cannot be copied are not given", async () => {
    const { bus, settle } = testBus();
    const seen: unknown[] = [];
    guest(bus, "shop", ["veto"]).subscribe("reload", (reload: Reload) => void seen.push(reload.details));
    await settle(bus.start());
    await settle(bus.reload({ bus }));
    expect(seen).toEqual([undefined]);
  });

  test("a restart's plan", async () => {
    const { bus, settle } = testBus();
    const plan = { args: ["a"], env: { A: "1" } };
    const seen: unknown[] = [];
    guest(bus, "shop", ["restart"]).subscribe("restart", (plan: unknown) => vandalize(plan));
    bus.subscribe("restart", (plan) => void seen.push(plan), { priority: 90 });
    await settle(bus.start());
    await settle(bus.restart(plan));
    expect([plan, ...seen]).toEqual([{ args: ["a"], env: { A: "1" } }, { args: ["a"], env: { A: "1" } }]);
  });

  test("the record of its own failure", async () => {
    const { bus, settle, records } = testBus();
    const shop = guest(bus, "shop");
    shop.subscribe("log", (record: LogRecord) => vandalize({ record }), { name: "vandal" });
    shop.subscribe("drain", fail("lost"), { name: "fails" });
    await settle(bus.start());
    await settle(bus.stop()).catch(() => {});
    const [failure] = records.filter(({ event }) => event === "failure");
    expect(failure).toMatchObject({
      level: "error",
      listener: "shop/fails",
      channel: "drain",
      kind: "throw",
      guest: "shop",
    });
  });

  test.each(["drain", "stop"] as const)(
    "the signal of a phase: an abort that it sends aborts no other: %s",
    async (state) => {
      const { bus, settle } = testBus();
      const aborted: boolean[] = [];
      let own: Signal | undefined;
      guest(bus, "shop").subscribe(state, (phase: Phase) => {
        own = phase.signal;
        (own as unknown as EventTarget).dispatchEvent(new Event("abort"));
        Reflect.set(own as object, "aborted", true);
      });
      bus.subscribe(state, (phase) => void aborted.push(phase.signal.aborted), { priority: 90 });
      guest(bus, "blog").subscribe(
        state,
        (phase: Phase) => void aborted.push(phase.signal.aborted, phase.signal === own),
      );
      await settle(bus.start());
      await settle(bus.stop());
      expect(aborted).toEqual([false, false, false]);
    },
  );

  test("the signal of the run, and what it aborts with", async () => {
    const { bus, settle } = testBus();
    const shop = guest(bus, "shop");
    const blog = guest(bus, "blog");
    await settle(bus.start());
    const { running } = shop;
    expect([running === bus.running, running === blog.running, running === shop.running]).toEqual([
      false,
      false,
      true,
    ]);
    const host = bus.running;
    await settle(bus.stop());
    expect((running.reason as Error).name).toBe("AbortError");
    expect(running.reason).not.toBe(host.reason);
  });

  test("the host's error, by which a start of its own is given up", async () => {
    const { bus, settle } = testBus();
    const secret = new Error("password");
    let reason: unknown;
    guest(bus, "shop", ["critical"]).use({
      name: "db",
      start: (phase) => {
        phase.signal.addEventListener("abort", () => reason = phase.signal.reason);
        return phase.delay(1_000);
      },
    });
    bus.use({ name: "db", start: (phase) => phase.delay(10).then(() => Promise.reject(secret)) });
    await settle(bus.start()).catch(() => {});
    expect(String(reason)).toBe("AbortError: The host has given it up");
    expect(reason).not.toHaveProperty("cause");
  });

  test("what it depends on: its list is copied when it is used", async () => {
    const { bus, settle, path } = testBus();
    const shop = guest(bus, "shop");
    const dependsOn = ["db"];
    for (const method of ["map", "flatMap", "some", "filter", "slice"] as const) {
      Object.defineProperty(dependsOn, method, { value: hang });
    }
    shop.use({ name: "db" });
    shop.use({ name: "web", dependsOn });
    dependsOn.push("nobody");
    await settle(bus.start());
    await settle(bus.exit());
    expect(path()).toBe(LIFE);
  });
});

describe("without a right for it, a guest", () => {
  test.each<[string, (shop: Guest) => unknown]>([
    ["listener of start that fails", (shop) => shop.subscribe("start", fail("no"))],
    ["listener of run that fails", (shop) => shop.subscribe("run", fail("no"))],
    ["listener of enter that hangs", (shop) => shop.subscribe("enter", hang)],
    ["listener of idle that hangs", (shop) => shop.subscribe("idle", hang)],
    ["listener of start that hangs", (shop) => shop.subscribe("start", hang)],
    ["listener of run that hangs", (shop) => shop.subscribe("run", hang)],
    ["component that fails to start", (shop) => shop.use({ name: "db", start: fail("no") })],
    ["component that hangs in its start", (shop) => shop.use({ name: "db", start: hang })],
    ["component that depends on nothing there", (shop) => shop.use({ name: "web", dependsOn: ["nobody"] })],
    ["components that depend on each other", (shop) => {
      shop.use({ name: "a", dependsOn: ["b"] });
      shop.use({ name: "b", dependsOn: ["a"] });
    }],
    [
      "component whose work fails",
      (shop) => shop.use({ name: "db", run: () => Promise.reject(new Error("no")) }),
    ],
    [
      "component whose work ends the program",
      (shop) => shop.use({ name: "db", run: async () => {}, onEnd: "exit" }),
    ],
  ])("neither fails nor holds up the host's start: a %s", async (_, arrange) => {
    const { bus, platform, settle } = testBus();
    arrange(guest(bus, "shop"));
    await settle(bus.start());
    expect([bus.state, platform.clock.now()]).toEqual(["run", 0]);
    await platform.clock.advance(100_000);
    expect(bus.state).toBe("run");
    void bus.exit();
    expect(await settle(bus.block())).toBe(0);
  });

  test("has none that is added to its list later", async () => {
    const { bus, platform } = testBus();
    const rights: Right[] = [];
    const shop = guest(bus, "shop", rights);
    rights.push("exit");
    expect(await outcome(platform, shop.request("exit"))).toMatchObject({
      name: "RightError",
      right: "exit",
    });
  });

  test("vetoes no reload, and holds up none", async () => {
    const { bus, platform, settle, logged } = testBus();
    const shop = guest(bus, "shop");
    shop.subscribe("reload", fail("veto"));
    shop.subscribe("reload", hang);
    shop.use({ name: "db", reload: fail("veto too") });
    await settle(bus.start());
    expect(await outcome(platform, bus.reload())).toBe(1);
    expect(logged(/"shop\/.* on "reload" failed: veto$/)).toBe(1);
  });

  test("holds up no publish of the host, and fails none", async () => {
    const { bus, platform, settle } = testBus();
    const own = bus as unknown as {
      publish(c: string): Promise<unknown[]>;
      publishSync(c: string): unknown;
      subscribe: Guest["subscribe"];
    };
    const shop = guest(bus, "shop");
    shop.subscribe("own", fail("no"));
    shop.subscribe("own", hang);
    own.subscribe("own", () => 1);
    await settle(bus.start());
    expect(await outcome(platform, own.publish("own"))).toEqual([1]);
    expect(own.publishSync("own")).toEqual([1]);
  });

  test("lengthens no phase of the host", async () => {
    const life = testBus({ deadlines: { drain: 1_000 } });
    const { bus, settle, logged } = life;
    guest(bus, "shop").subscribe("drain", (phase: Phase) => {
      expect(phase.extend(60_000)).toBe(0);
      return hang();
    });
    await settle(bus.start());
    await settle(bus.stop()).catch(() => {});
    expect(stay(life, "drain")).toBe(1_000);
    expect(logged(/Cannot use the right "extend"/)).toBe(1);
  });

  test("reads no error of the host", async () => {
    const { bus, settle } = testBus();
    const secret = new Error("password");
    const seen: unknown[] = [];
    const shop = guest(bus, "shop");
    shop.subscribe("log", (record: LogRecord) => void seen.push(record));
    shop.subscribe("start_error", (phase: Phase) => void seen.push({ ...phase.reason }));
    shop.subscribe("drain", (phase: Phase) => void seen.push({ ...phase.reason }));
    bus.subscribe("start", () => Promise.reject(secret));
    await settle(bus.start()).catch(() => {});
    await settle(bus.wait("exited"));
    expect(seen.length).toBeGreaterThan(0);
    expect(JSON.stringify(seen)).not.toContain("password");
    expect(seen.some((one) => Object.values(one as object).includes(secret))).toBe(false);
  });
});

describe("with a right for it, a guest", () => {
  test("that is critical fails the host's start", async () => {
    const { bus, settle } = testBus();
    guest(bus, "shop", ["critical"]).use({ name: "db", start: fail("no") });
    expect(await settle(bus.run())).toBe(70);
  });

  test("vetoes the host's reload", async () => {
    const { bus, settle } = testBus();
    guest(bus, "shop", ["veto"]).subscribe("reload", fail("veto"));
    await settle(bus.start());
    expect(await settle(bus.reload().catch(String))).toContain("veto");
  });
});

describe("guests are told apart by identity", () => {
  test("a name has no slash", () => {
    const { bus } = testBus();
    expect(() => guest(bus, "a/b")).toThrow(`Cannot make the guest "a/b": expected a name without "/"`);
  });

  test("one reads no record of another, whatever their names and the details say", async () => {
    const { bus, settle } = testBus();
    const seen: string[] = [];
    const a = guest(bus, "a");
    a.subscribe("log", (record: LogRecord) => void seen.push(record.message));
    guest(bus, "ab").log("of ab");
    guest(bus, "a").log("of another guest of the same name");
    bus.log("of the host", { guest: "a", component: "a/db", listener: "a/x" });
    bus.use({ name: "a/db" });
    await settle(bus.start());
    a.log("of a");
    expect(seen).toEqual(["of a"]);
  });

  test("the details of a record forge neither a component nor a state of the bus", () => {
    const { bus, records } = testBus();
    guest(bus, "shop").log("said", {
      event: "component",
      component: "blog/db",
      status: "failed",
      guest: "blog",
      state: "exited",
      listener: "blog/x",
      more: 1,
    });
    expect(records[0]).toMatchObject({ message: "said", guest: "shop", state: "initial", more: 1 });
    for (const field of ["event", "component", "status", "listener"]) {
      expect(records[0]).not.toHaveProperty(field);
    }
  });

  test("a component depends on none of the host that is named like the guest's own", async () => {
    const { bus, settle, note, did } = testBus();
    bus.use({ name: "shop/db", start: note("the host's starts") });
    const shop = guest(bus, "shop");
    shop.use({ name: "web", dependsOn: ["db"], start: note("web starts") });
    await settle(bus.start());
    expect(did).toEqual(["the host's starts"]);
  });

  test("no priority brings a listener of the host behind those of guests", async () => {
    const { bus, settle, note, did } = testBus();
    guest(bus, "shop").subscribe("drain", note("guest"), { priority: -Infinity });
    bus.subscribe("drain", note("host"), { priority: Infinity });
    bus.subscribe("drain", note("host, far behind"), { priority: 1e9 });
    await settle(bus.start());
    await settle(bus.stop());
    expect(did).toEqual(["host, far behind", "host", "guest"]);
  });
});

test('the removal of a component that others of a guest come after by "all" lets the host start', async () => {
  const { bus, settle } = testBus();
  const shop = guest(bus, "shop", ["critical"]);
  const db = shop.use({ name: "db" });
  const web = shop.use({ name: "web", dependsOn: "all" });
  await settle(db.remove());
  await settle(bus.start());
  expect([bus.state, web.status]).toEqual(["run", "up"]);
});

test.each(["", "stop", "log", "signal"])(
  "publish on %j rejects, with a right to it as well",
  async (channel) => {
    const { bus, platform } = testBus();
    const rights = channel === "" ? [] : [`publish:${channel}`] as const;
    expect(await outcome(platform, guest(bus, "shop", rights).publish(channel))).toBeInstanceOf(Error);
  },
);

test("a guest's component does not find a component of the host that is named like one of the guest's", async () => {
  const { bus, settle } = testBus();
  bus.use({ name: "shop/db" });
  const web = guest(bus, "shop").use({ name: "web", dependsOn: ["db"] });
  await settle(bus.start());
  expect([bus.state, web.status]).toEqual(["run", "down"]);
  await expect(web.ready).rejects.toThrow('there is no "shop/db" that it depends on');
});

test("a guest's start that still runs is aborted as soon as the host drains", async () => {
  const { bus, settle, platform } = testBus();
  const aborts: number[] = [];
  guest(bus, "shop").use({
    name: "slow",
    start: ({ signal }) => {
      signal.addEventListener("abort", () => aborts.push(platform.clock.now()));
      return new Promise<void>(() => {});
    },
  });
  await settle(bus.start());
  await settle(bus.exit()).catch(() => {});
  expect(aborts).toEqual([0]);
});
