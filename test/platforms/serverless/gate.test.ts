import { createHook } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { inline, ProcessBus } from "../../../mod.ts";
import { gate, isNotReady, serverless } from "../../../platforms/serverless.ts";
import { testing } from "../../../platforms/testing.ts";
import { runtime } from "../../spawn.ts";
import { hang } from "../../src/_test_bus.ts";
import { makeHost, NOTICE } from "./_host.ts";

describe("the first invocations", () => {
  test("start the bus once, and all wait for that", async () => {
    const { bus, host, settle, serve, time } = makeHost();
    let starts = 0;
    bus.use({ name: "db", start: (phase) => (starts++, phase.delay(300)) });
    const answers = await settle(Promise.all(Array.from({ length: 50 }, serve)));
    expect(answers).toEqual(Array(50).fill("served"));
    expect([starts, host.attempts, host.takeOvers, time.clock.now()]).toEqual([1, 1, 0, 300]);
    expect(time.clock.pending).toBe(0);
  });

  test("wait for a start that the program has asked for", async () => {
    const { bus, host, settle, serve } = makeHost();
    bus.subscribe("start", (phase) => phase.delay(300));
    void bus.start();
    await settle(serve());
    expect([host.attempts, bus.state]).toEqual([1, "run"]);
  });

  test("keep their context until the bus has started", async () => {
    const { bus, host, settle } = makeHost();
    bus.subscribe("start", (phase) => phase.delay(300));
    const works: Promise<unknown>[] = [];
    const first = host.ready({ waitUntil: (work) => void works.push(work) });
    expect(works).toHaveLength(1);
    await settle(first);
    await settle(Promise.all(works));
  });
});

describe("an invocation while the bus runs", () => {
  test("awaits nothing, and gets what the body returns", async () => {
    const { host, settle, serve } = makeHost();
    await settle(serve());
    expect(host.ready()).toBe(undefined);
    const promise = Promise.resolve(7);
    expect([host.run({}, () => 7), host.run({}, () => promise)]).toEqual([7, promise]);
  });

  test("makes no promise beside the body's own", async (context) => {
    if (runtime !== "node") return context.skip("only Node tells of each promise");
    const { host, settle, serve } = makeHost();
    await settle(serve());
    const promise = Promise.resolve(7);
    let promises = 0;
    const hook = createHook({ init: (_id, type) => void (type === "PROMISE" && promises++) }).enable();
    for (let n = 0; n < 100; n++) {
      host.ready();
      host.run({}, () => n);
      host.run({}, () => promise);
    }
    const ofGate = promises;
    for (let n = 0; n < 100; n++) host.run({}, async () => n);
    hook.disable();
    expect([ofGate, promises]).toEqual([0, 100]);
  });

  test.each(
    [
      ["counts", { traits: NOTICE }],
      ["flushes after each", {}],
      ["may be frozen", { traits: { ...NOTICE, background: "frozen" } }],
    ] as const,
  )("asks for what a query that is built does once, where the host %s", async (_, options) => {
    const { bus, host, settle, serve } = makeHost(options);
    bus.subscribe("flush", () => {});
    await settle(serve());
    let inserts = 0;
    const query = { then: (resolve: (row: string) => void) => resolve(`row ${++inserts}`) };
    expect(await settle(host.run({}, () => query as unknown as Promise<string>))).toBe("row 1");
    expect([inserts, host.inFlight]).toEqual([1, 0]);
  });

  test("gets what the body throws", async () => {
    const { host, settle, serve } = makeHost({ traits: NOTICE });
    await settle(serve());
    expect(() =>
      host.run({}, () => {
        throw new Error("broken");
      })
    ).toThrow("broken");
    await expect(host.run({}, () => Promise.reject(new Error("late")))).rejects.toThrow("late");
    expect(host.inFlight).toBe(0);
  });
});

describe("a start that fails", () => {
  test("fails all invocations that wait for it, and a later invocation starts the bus again", async () => {
    const { bus, host, settle, serve, time } = makeHost();
    let starts = 0;
    bus.subscribe("start", async (phase) => {
      await phase.delay(100);
      if (++starts === 1) throw new Error("no database");
    });
    const answers = await settle(Promise.allSettled([serve(), serve(), serve()]));
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    const { reason } = answers[0] as PromiseRejectedResult;
    expect(reason).toMatchObject({ name: "NotReadyError", kind: "failed", retryAfterMs: 100 });
    expect([isNotReady(reason), reason.message]).toEqual([
      true,
      expect.stringContaining('Cannot serve: the bus "bus" has not started: '),
    ]);
    await time.clock.advance(100);
    expect([await settle(serve()), starts, host.attempts]).toEqual(["served", 2, 2]);
  });

  test("is not tried again before its pause is over, which doubles", async () => {
    const { bus, host, serve, settle, time } = makeHost({ retryDelay: 100, maxRetryDelay: 150 });
    bus.subscribe("start", () => {
      throw new Error("no database");
    });
    const refused = async () => ((await settle(serve().catch((error) => error))) as { retryAfterMs: number });
    await refused();
    expect([await refused(), host.attempts]).toMatchObject([{ retryAfterMs: 100 }, 1]);
    await time.clock.advance(100);
    expect(await refused()).toMatchObject({ retryAfterMs: 150 });
    expect([await refused(), host.attempts]).toMatchObject([{ retryAfterMs: 150 }, 2]);
  });
});

describe("a start that cannot even begin", () => {
  test("refuses every invocation, and is logged", async () => {
    const { bus, host, serve, settle, logged } = makeHost();
    bus.use({ name: "web", dependsOn: ["db"], start: () => {} });
    await expect(settle(serve())).rejects.toMatchObject({ kind: "failed", retryAfterMs: 100 });
    await expect(settle(serve())).rejects.toMatchObject({ kind: "failed" });
    // Logged once, however many invocations there are.
    expect([host.attempts, logged({ event: "refused", kind: "failed" })]).toEqual([0, 1]);
    bus.use({ name: "db", start: () => {} });
    expect(await settle(serve())).toBe("served");
  });
});

describe("an invocation while the bus is on its way elsewhere", () => {
  test("waits for a graceful restart, which waits for those in flight", async () => {
    const { bus, host, serve, settle, time, did } = makeHost({ traits: NOTICE });
    for (const state of ["drain", "stop", "start"] as const) bus.subscribe(state, () => void did.push(state));
    await settle(serve());
    const long = host.run({}, async () => {
      await new Promise<void>((resolve) => void time.clock.setTimer(300, resolve));
      did.push("answer");
    });
    const restarted = bus.graceful();
    const next = serve().then((answer) => void did.push(answer));
    await settle(Promise.all([long, restarted, next]));
    expect(did).toEqual(["start", "drain", "answer", "stop", "start", "served"]);
  });

  test("starts the bus again once it has stopped, also where the stop overtook the start", async () => {
    const { bus, host, serve, settle, time } = makeHost();
    bus.subscribe("start", (phase) => phase.delay(100));
    const first = serve();
    await time.clock.advance(50);
    const stopped = bus.stop();
    expect(await settle(first)).toBe("served");
    await settle(stopped);
    await settle(bus.stop());
    expect([await settle(serve()), host.attempts]).toEqual(["served", 3]);
  });

  test("is refused where the bus is about to exit, and so is one that waits", async () => {
    const { bus, serve, settle, logged } = makeHost();
    bus.subscribe("start", (phase) => phase.delay(100));
    const waiting = serve();
    void bus.exit();
    const refused = await settle(Promise.allSettled([waiting, serve()]));
    expect(refused).toMatchObject([0, 1].map(() => ({ reason: { kind: "ended", retryAfterMs: undefined } })));
    expect(logged({ event: "refused", kind: "ended" })).toBe(1);
  });

  test("is refused shortly before its host would cut it, and a later one is served", async () => {
    const { bus, host, settle, serve, time, requests } = makeHost({ startWithin: 10_000 });
    bus.subscribe("start", (phase) => phase.delay(5_000));
    const begun = time.clock.now();
    const cut = host.run({ deadline: requests.clock.time() + 1_000 }, () => "served");
    await expect(settle(cut)).rejects.toMatchObject({
      kind: "late",
      message: 'Cannot serve: the bus "bus" has not started within 900 ms, it is in "start"',
    });
    expect(time.clock.now() - begun).toBe(900);
    expect(await settle(serve())).toBe("served");
    expect(host.attempts).toBe(1);
  });

  test("joins a start that the program asked for during the pause after a failed start", async () => {
    const { bus, serve, settle } = makeHost({ retryDelay: 5_000 });
    let starts = 0;
    bus.subscribe("start", async (phase) => {
      await phase.delay(100);
      if (++starts === 1) throw new Error("no database");
    });
    await expect(settle(serve())).rejects.toMatchObject({ kind: "failed" });
    void bus.start();
    expect(await settle(serve())).toBe("served");
  });

  test("is refused for good where a failed start makes the bus exit", async () => {
    const time = testing();
    const platform = serverless({ clock: time.clock, report: () => {} });
    const bus = new ProcessBus({ platform, onStartFailure: "exit" });
    bus.subscribe("start", () => {
      throw new Error("no database");
    });
    await expect(time.settle(gate(bus).ready()!)).rejects.toMatchObject({ kind: "ended" });
  });
});

describe("a start whose invocation died", () => {
  test("is taken over once its deadline is over, and the invocations that wait go on with that", async () => {
    const { bus, host, requests, serve, settle, logged, time } = makeHost({ startWithin: 1_000 });
    let starts = 0;
    bus.subscribe("start", async (phase) => {
      await phase.delay(300);
      starts++;
    });
    requests.begin((owner) => {
      void host.ready();
      owner.dead = true;
    });
    await time.clock.advance(500);
    const others = [requests.begin(serve), requests.begin(serve)];
    expect(await settle(Promise.all(others))).toEqual(["served", "served"]);
    expect([starts, host.attempts, host.takeOvers]).toEqual([1, 2, 1]);
    expect(logged({ event: "takeover", state: "start" })).toBe(1);
    // The deadline of 1,000 ms, twice 100 of grace, and the second start's 300.
    expect(time.clock.now()).toBe(1_500);
  });

  test("is taken over at once where the host rejects the promise of the dead invocation", async () => {
    const { bus, host, requests, serve, settle, time } = makeHost({ startWithin: 1_000 });
    bus.subscribe("start", (phase) => phase.delay(300));
    const start = bus.start.bind(bus);
    requests.begin((owner) => {
      // As on workerd: the promise never settles in its own context, and rejects in every other one.
      bus.start = () => {
        void start();
        const isOwner = () => requests.current() === owner;
        const ended = new Error("This promise was created by a request that has since ended");
        const dying = new Promise<void>((_, reject) => time.clock.setTimer(100, () => reject(ended)));
        const then: typeof dying.then = (...settled) =>
          isOwner() ? new Promise<never>(() => {}) : dying.then(...settled);
        return { then } as typeof dying;
      };
      void host.ready();
      bus.start = start;
      owner.dead = true;
    });
    await settle(requests.begin(serve));
    expect([host.takeOvers, time.clock.now()]).toEqual([1, 400]);
  });

  test("makes no invocation wait longer than startWithin", async () => {
    const { bus, serve, settle, time } = makeHost({ startWithin: 1_000 });
    bus.subscribe("enter", hang);
    const error = await settle(serve().catch((error) => error));
    expect(error).toMatchObject({ name: "NotReadyError" });
    expect(time.clock.now()).toBeLessThanOrEqual(1_000);
  });
});

describe("gate()", () => {
  test("is open where it is asked for while the bus runs already", async () => {
    const time = testing();
    const bus = new ProcessBus({ platform: serverless({ clock: time.clock }) });
    await time.settle(bus.start());
    const late = gate(bus);
    expect([late.ready(), late.run({}, () => "served"), late.attempts]).toEqual([undefined, "served", 1]);
  });

  test("returns the same gate each time", () => {
    const { bus, host } = makeHost();
    expect(gate(bus)).toBe(host);
  });

  test("refuses a bus on another platform, and names the platform", () => {
    expect(() => gate(new ProcessBus({ platform: inline() }))).toThrow(
      'Cannot make a gate: its platform is "inline", expected one such as serverless()',
    );
    expect(() => gate(undefined as never)).toThrow("Cannot make a gate: undefined is no bus");
  });
});

describe("the host's notice", () => {
  test("waits for what is in flight, then stops, flushes, and tells the exit code", async () => {
    const { bus, host, serve, settle, did, time } = makeHost({ traits: NOTICE });
    bus.subscribe("stop", () => void did.push("stop"));
    bus.subscribe("flush", ({ left }) => void did.push(`flush within ${left()}`));
    await settle(serve());
    const answer = host.run({}, () =>
      new Promise<void>((resolve) => {
        time.clock.setTimer(300, () => {
          did.push("answer");
          resolve();
        });
      }));
    expect(host.inFlight).toBe(1);
    expect(await settle(host.shutdown({ name: "SIGTERM", leftMs: 1_000 }))).toBe(0);
    await answer;
    expect([did, host.inFlight]).toEqual([["answer", "stop", "flush within 200"], 0]);
  });

  test("cuts what is in flight shortly before its time is over", async () => {
    const { host, serve, settle, bus } = makeHost({ traits: NOTICE });
    await settle(serve());
    let cut: unknown;
    const answer = host.run({}, ({ signal }) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          cut = signal.reason;
          resolve();
        });
      }));
    expect(await settle(host.shutdown({ name: "SIGTERM", leftMs: 1_000 }))).toBe(0);
    await answer;
    expect([cut, bus.state]).toEqual([expect.objectContaining({ name: "TimeoutError" }), "exited"]);
  });

  test("comes before any invocation", async () => {
    const { host, settle } = makeHost({ traits: NOTICE });
    expect(await settle(host.shutdown({ name: "SIGTERM", leftMs: 1_000 }))).toBe(0);
    const error = await Promise.resolve(host.run({}, () => "served")).catch((error) => error);
    expect(error).toMatchObject({ kind: "ended", message: 'Cannot serve: the bus "bus" has exited' });
  });
});
