/**
 * What random programs have found in the start of components: each as small as it can be told.
 * @module
 */
import { describe, expect, test } from "vitest";
import { guest } from "../../../mod.ts";
import { failure, program, turns } from "./_found.ts";

describe("starting components", () => {
  test("begins no other once one has thrown", async () => {
    const { bus, platform, note, notes } = program();
    bus.use({
      name: "a",
      start: () => {
        throw new Error("no a");
      },
    });
    bus.use({ name: "b", start: () => note("b starts") });
    await failure(platform.settle(bus.start()));
    expect(notes).toEqual([]);
  });

  test("does not wait for an earlier start that gave up in time", async () => {
    const { bus, platform, note, notes } = program({ onStartFailure: "idle", deadlines: { start: 100 } });
    bus.use({
      name: "a",
      start: (phase) => {
        note(`starts at ${platform.clock.now()}`);
        return phase.delay(200);
      },
    });
    await failure(platform.settle(bus.start()));
    await failure(platform.settle(bus.start()));
    expect(notes).toEqual(["starts at 0", "starts at 90"]);
  });

  test("waits until a start that came too late is stopped, so that there are never two", async () => {
    const { bus, platform, note, notes, sleep } = program({
      onStartFailure: "idle",
      deadlines: { start: 100 },
    });
    const lasts = [150, 10];
    bus.use({
      name: "a",
      start: async () => {
        note("starts");
        await sleep(lasts.shift()!);
        note("is up");
      },
      stop: async () => {
        note("stops");
        await sleep(20);
        note("is down");
      },
    });
    await failure(platform.settle(bus.start()));
    await platform.settle(bus.start());
    expect(notes).toEqual(["starts", "is up", "stops", "is down", "starts", "is up"]);
    expect(platform.clock.now()).toBe(180);
  });

  test("stops those that came up where another has failed with a value that cannot be looked at", async () => {
    const { bus, platform, note, notes } = program();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    bus.use({ name: "a", start: () => Promise.reject(proxy) });
    bus.use({
      name: "b",
      // Its signal is there when the other one fails.
      start: ({ signal }) => turns(signal.aborted ? 0 : 10),
      stop: () => note("b stops"),
    });
    await platform.settle(failure(bus.start()));
    await platform.settle(bus.wait("exited"));
    expect(notes).toEqual(["b stops"]);
  });

  test("waits also where the start that came too late is being stopped just then", async () => {
    const { bus, platform, note, notes, sleep } = program({
      onStartFailure: "idle",
      deadlines: { start: 100 },
    });
    bus.use({
      name: "a",
      start: async () => {
        note("starts");
        await sleep(150);
      },
      stop: async () => {
        note("stops");
        await sleep(50);
        note("is down");
      },
    });
    await failure(platform.settle(bus.start()));
    await platform.clock.advance(60);
    const started = failure(bus.start());
    await platform.settle(started);
    expect(notes).toEqual(["starts", "stops", "is down", "starts"]);
  });

  test("stops the one that came too late before a further start has come to it", async () => {
    const { bus, platform, note, notes, sleep } = program({
      onStartFailure: "idle",
      deadlines: { start: 100 },
    });
    bus.use({ name: "a", start: () => sleep(80) });
    const starts = [30, 0];
    bus.use({
      name: "b",
      dependsOn: ["a"],
      start: async () => {
        note("b starts");
        await sleep(starts.shift()!);
      },
      stop: () => note("b stops"),
    });
    const started = failure(bus.start());
    await platform.clock.advance(100);
    await started;
    expect(await platform.settle(failure(bus.start()))).toBe(undefined);
    expect(notes).toEqual(["b starts", "b stops", "b starts"]);
  });

  test("stops one whose driver died also where it has been started again meanwhile", async () => {
    const { bus, platform, note, notes, sleep } = program({ onStartFailure: "idle" });
    const starts = [50, 80];
    let count = 0;
    bus.use({
      name: "a",
      start: async () => {
        const number = ++count;
        await sleep(starts.shift()!);
        return number;
      },
      stop: (number) => note(`${number} stops at ${platform.clock.now()}`),
    });
    const started = failure(bus.start());
    await platform.clock.advance(10);
    platform.abandon("the request was cut");
    await started;
    await platform.settle(bus.start());
    await platform.settle(bus.exit());
    expect(notes).toEqual(["1 stops at 50", "2 stops at 90"]);
  });

  test("stops one of a guest that was removed while it started, whatever state it comes up in", async () => {
    const { bus, platform, note, notes, sleep } = program();
    const tenant = guest(bus, "shop");
    tenant.use({ name: "db", start: () => sleep(50), stop: () => note("stops") });
    bus.subscribe("drain", () => sleep(100));
    await platform.settle(bus.start());
    void tenant.close();
    await platform.flush();
    await platform.settle(bus.exit());
    expect(notes).toEqual(["stops"]);
  });

  test("stops one of a guest that comes up while the stop goes on", async () => {
    const { bus, platform, note, notes, sleep } = program();
    const tenant = guest(bus, "shop");
    bus.subscribe("stop", () => sleep(10), { priority: 90 });
    for (let count = 0; count < 40; count++) {
      tenant.use({ name: `db${count}`, start: () => turns(count), stop: () => note(`${count}`) });
    }
    const started = failure(bus.start());
    await turns(10);
    void bus.exit();
    await started;
    await platform.settle(bus.wait("exited"));
    expect(notes.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, n) => `${n}`));
  });

  test("too late, and stopping them, does not keep what is under way from being given up", async () => {
    const { bus, platform, note, notes, sleep } = program({ deadlines: { start: 100 } });
    await platform.settle(bus.start());
    const late = bus.use({ name: "a", start: () => sleep(150), stop: () => sleep(40) });
    await platform.settle(failure(late.ready));
    bus.subscribe(
      "reload",
      ({ signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            note(`given up at ${platform.clock.now()}`);
            reject(signal.reason);
          })
        ),
    );
    const reloaded = failure(bus.reload());
    await platform.clock.advance(60);
    await platform.settle(bus.exit());
    expect(await reloaded).toMatchObject({ kind: "superseded" });
    expect(notes).toEqual(["given up at 160"]);
  });

  test("refuses a late one whose dependency has left meanwhile", async () => {
    const { bus, platform, note, notes, sleep } = program();
    const a = bus.use({ name: "a", stop: () => sleep(10) });
    await platform.settle(bus.start());
    const removed = a.remove();
    const b = bus.use({ name: "b", dependsOn: ["a"], start: () => note("b starts") });
    await platform.settle(removed);
    expect(await failure(b.ready)).toMatchObject({ message: expect.stringContaining('"a" is not up') });
    expect(notes).toEqual([]);
  });
});
