import { describe, expect, test } from "vitest";
import { fail, gate, hang, outcome, testBus, work } from "./_test_bus.ts";

/** A bus that runs with the components "db" and "web", which depends on it. */
async function running(options?: Parameters<typeof testBus>[0]) {
  const life = testBus(options);
  const part = (name: string, dependsOn?: readonly string[] | "all") =>
    life.bus.use({
      name,
      ...dependsOn && { dependsOn },
      start: () => void life.did.push(`start ${name}`),
      drain: () => void life.did.push(`drain ${name}`),
      stop: () => void life.did.push(`stop ${name}`),
    });
  const [db, web] = [part("db"), part("web", ["db"])];
  await life.settle(life.bus.start());
  life.did.length = 0;
  return { ...life, part, db, web };
}

describe("use while the bus runs", () => {
  test("starts the component now, and stops it with the others, in reverse", async () => {
    const { bus, settle, did, part } = await running();
    const mail = part("mail", ["web"]);
    await settle(mail.ready);
    expect([did, mail.status, bus.state]).toEqual([["start mail"], "up", "run"]);
    did.length = 0;
    await settle(bus.stop());
    expect(did.slice(3)).toEqual(["stop mail", "stop web", "stop db"]);
  });

  test("begins its work", async () => {
    const { bus, settle, did } = await running();
    const mail = bus.use({
      name: "mail",
      run: (_, signal) => {
        did.push("run");
        return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    });
    await settle(mail.ready);
    expect(did).toEqual(["run"]);
    await settle(bus.stop());
  });

  test('waits for the next start where it joins "next"', async () => {
    const { bus, settle, platform, did, note } = await running();
    const mail = bus.use({ name: "mail", join: "next", start: note("start mail") });
    await platform.flush();
    expect([did, mail.status]).toEqual([[], "down"]);
    await settle(bus.graceful());
    expect(mail.status).toBe("up");
  });

  test("rejects ready where the start fails, and the bus runs on", async () => {
    const { bus, settle, logged } = await running();
    const mail = bus.use({ name: "mail", start: fail("broken") });
    await expect(settle(mail.ready)).rejects.toThrow("broken");
    expect([bus.state, mail.status, logged(/"mail" on "start" failed: broken/)]).toEqual(["run", "down", 1]);
  });

  test("gives a hung start no more than the deadline of start, and stops it when it comes", async () => {
    const { bus, settle, platform, did } = await running({ deadlines: { start: 200 } });
    const coming = gate();
    const mail = bus.use({
      name: "mail",
      start: () => coming.promise,
      stop: () => void did.push("stop mail"),
    });
    await expect(settle(mail.ready)).rejects.toMatchObject({ name: "TimeoutError" });
    expect([platform.clock.now(), bus.state]).toEqual([200, "run"]);
    coming.open();
    await platform.flush();
    expect([did, mail.status]).toEqual([["stop mail"], "down"]);
  });

  test("takes one after another, so that the second may depend on the first", async () => {
    const { bus, settle, did } = await running();
    bus.use({ name: "one", start: (phase) => phase.delay(100).then(() => void did.push("one")) });
    const two = bus.use({ name: "two", dependsOn: ["one"], start: () => void did.push("two") });
    await settle(two.ready);
    expect(did).toEqual(["one", "two"]);
  });

  test("rejects ready of what depends on a join that failed", async () => {
    const { bus, settle } = await running();
    bus.use({ name: "one", start: fail("broken") });
    const two = bus.use({ name: "two", dependsOn: ["one"] });
    await expect(settle(two.ready)).rejects.toThrow('Cannot start component "two": "one" is not up');
  });

  test("throws where a dependency is missing, and keeps the name free", async () => {
    const { bus, settle } = await running();
    expect(() => bus.use({ name: "mail", dependsOn: ["queue"] })).toThrow('there is no "queue"');
    bus.use({ name: "queue" });
    await settle(bus.use({ name: "mail", dependsOn: ["queue"] }).ready);
  });

  test("is given up by a stop, and rolled back", async () => {
    const { bus, platform, settle, did } = await running();
    const mail = bus.use({ name: "mail", start: work });
    await platform.flush();
    await settle(bus.stop());
    await expect(mail.ready).rejects.toThrow();
    expect([platform.clock.now(), did]).toEqual([0, ["drain db", "drain web", "stop web", "stop db"]]);
  });

  test("is waited for no longer than settle, where it looks at no signal, and is stopped when it comes", async () => {
    const { bus, platform, settle, did } = await running();
    const coming = gate();
    const mail = bus.use({
      name: "mail",
      start: () => coming.promise,
      stop: () => void did.push("stop mail"),
    });
    await platform.flush();
    await settle(bus.stop());
    await expect(mail.ready).rejects.toMatchObject({ name: "TimeoutError" });
    expect([platform.clock.now(), bus.state]).toEqual([5000, "idle"]);
    coming.open();
    await platform.flush();
    expect([did.at(-1), mail.status]).toEqual(["stop mail", "down"]);
  });

  test("in start starts when the bus runs", async () => {
    const { bus, settle, did } = testBus();
    let mail: { readonly ready: Promise<unknown>; readonly status: string } | undefined;
    bus.subscribe(
      "start",
      () => void (mail = bus.use({ name: "mail", start: () => void did.push(`in ${bus.state}`) })),
      { priority: 60 },
    );
    await settle(bus.start());
    await settle(mail!.ready);
    expect([did, mail!.status]).toEqual([["in run"], "up"]);
  });

  test("in start, before the components, starts with them, and works, once", async () => {
    const { bus, settle, platform, did } = testBus();
    const use = () => {
      bus.use({
        name: "mail",
        start: () => void did.push(`start in ${bus.state}`),
        run: (_, signal) => {
          did.push(`run in ${bus.state}`);
          return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        },
      });
    };
    bus.subscribe("start", use, { priority: 40 });
    await settle(bus.start());
    await platform.flush();
    expect(did).toEqual(["start in start", "run in run"]);
  });

  test("in start is not taken for a part that the start left out", async () => {
    const { bus, settle, records } = testBus();
    let ready: Promise<unknown> | undefined;
    bus.subscribe("start", () => void (ready = bus.use({ name: "mail", start: () => "up" }).ready), {
      priority: 60,
    });
    await settle(bus.start());
    expect(await settle(ready!)).toBe("up");
    expect(records.every(({ level }) => level === "info" || level === "debug")).toBe(true);
  });

  test("in start throws where a dependency is missing", async () => {
    const { bus, settle } = testBus();
    bus.subscribe("start", () => void bus.use({ name: "mail", dependsOn: ["queue"] }), { priority: 60 });
    await expect(settle(bus.start())).rejects.toThrow('there is no "queue"');
  });

  test.each(["drain", "stop"] as const)("in %s waits for the next start", async (state) => {
    const { bus, settle, did, part } = await running();
    bus.subscribe(state, () => void part("mail"), { once: true });
    await settle(bus.stop());
    expect(did).not.toContain("start mail");
    await settle(bus.start());
    expect(did).toContain("start mail");
  });

  test("rejects ready where the bus exits before", async () => {
    const { bus, settle, platform } = await running();
    bus.subscribe("drain", (phase) => phase.delay(10));
    bus.exit();
    await platform.flush();
    const mail = bus.use({ name: "mail" });
    await expect(settle(mail.ready)).rejects.toMatchObject({ name: "TransitionError", kind: "exited" });
  });
});

describe("remove", () => {
  test("drains and stops the component, and takes it off", async () => {
    const { bus, settle, did, web } = await running();
    await settle(web.remove());
    expect([did, web.status, bus.state]).toEqual([["drain web", "stop web"], "removed", "run"]);
    expect(bus.inspect().components?.map(({ name }) => name)).toEqual(["db"]);
    await settle(bus.graceful());
    expect(did).not.toContain("start web");
  });

  test("ends its work, which asks for no exit", async () => {
    const { bus, settle, platform } = await running();
    const mail = bus.use({
      name: "mail",
      run: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    await settle(mail.ready);
    await settle(mail.remove());
    await platform.flush();
    expect([mail.status, bus.state]).toEqual(["removed", "run"]);
  });

  test("rejects while dependants are up, naming them", async () => {
    const { settle, did, db, web, part } = await running();
    await settle(part("mail", ["db"]).ready);
    did.length = 0;
    await expect(settle(db.remove())).rejects.toThrow(
      'Cannot remove component "db": "web", "mail" depends on it and is up',
    );
    expect([did, db.status, web.status]).toEqual([[], "up", "up"]);
  });

  test('is not hindered by one that says "all"', async () => {
    const { bus, settle, web } = await running();
    await settle(bus.use({ name: "http", dependsOn: "all" }).ready);
    await settle(web.remove());
    expect(web.status).toBe("removed");
  });

  test("waits for the transition under way", async () => {
    const life = testBus();
    const db = life.bus.use({ name: "db", start: (phase) => phase.delay(100), stop: life.note("stop") });
    life.bus.start();
    await life.platform.flush();
    const removed = db.remove();
    expect(await outcome(life.platform, removed)).toBe("pending");
    await life.settle(removed);
    expect([life.platform.clock.now(), life.did, life.bus.state]).toEqual([100, ["stop"], "run"]);
  });

  test("takes off what is not up, at once", async () => {
    const life = testBus();
    const db = life.bus.use({ name: "db", start: life.note("start") });
    await life.settle(db.remove());
    await life.settle(life.bus.start());
    expect([life.did, db.status]).toEqual([[], "removed"]);
    await expect(db.ready).rejects.toThrow("removed");
  });

  test("takes off what others depended on, once they are down", async () => {
    const { bus, settle, db } = await running();
    await settle(bus.stop());
    await settle(db.remove());
    expect(db.status).toBe("removed");
  });

  test("makes the name free, and a second remove harms no new one", async () => {
    const { bus, settle, web } = await running();
    await settle(web.remove());
    const other = bus.use({ name: "web" });
    await settle(other.ready);
    await settle(web.remove());
    expect(bus.inspect().components?.map(({ name }) => name)).toEqual(["db", "web"]);
    await settle(bus.stop());
    expect(other.status).toBe("down");
  });

  test("rejects where the stop fails", async () => {
    const { bus, settle } = await running();
    const mail = bus.use({ name: "mail", stop: fail("stuck") });
    await settle(mail.ready);
    await expect(settle(mail.remove())).rejects.toMatchObject({
      failures: [{ channel: "stop", listener: "mail" }],
    });
    expect([mail.status, bus.state]).toEqual(["failed", "run"]);
  });

  test("goes on without a stop that hangs past the deadline", async () => {
    const { bus, settle, platform } = await running({ deadlines: { stop: 200 } });
    const mail = bus.use({ name: "mail", stop: hang });
    await settle(mail.ready);
    await expect(settle(mail.remove())).rejects.toMatchObject({ failures: [{ kind: "timeout" }] });
    expect(platform.clock.now()).toBe(200);
  });

  test("may be asked for after the end", async () => {
    const { bus, settle, web } = await running();
    await settle(bus.exit());
    await settle(web.remove());
    expect(web.status).toBe("removed");
  });

  test("lets an exit wait for it, and no longer than its deadlines", async () => {
    const { bus, settle, platform } = await running({ deadlines: { stop: 200 } });
    const mail = bus.use({ name: "mail", stop: hang });
    await settle(mail.ready);
    mail.remove();
    await platform.flush();
    await settle(bus.exit());
    expect(platform.clock.now()).toBe(200);
  });
});
