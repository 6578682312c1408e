import { describe, expect, test } from "vitest";
import { hang } from "../../src/_test_bus.ts";
import { makeHost, NOTICE } from "./_host.ts";

describe("the signal of an invocation", () => {
  test("is one object, aborts with the host's signal, and has its reason", async () => {
    const { host, settle, serve } = makeHost();
    await settle(serve());
    const controller = new AbortController();
    const signals = host.run({ signal: controller.signal }, (context) => [context.signal, context.signal]);
    const [signal, again] = await signals as [AbortSignal, AbortSignal];
    expect([signal === again, signal.aborted]).toEqual([true, false]);
    controller.abort("gone");
    expect(signal.reason).toBe("gone");
  });

  test("has aborted where the host's signal has", async () => {
    const { host, settle, serve } = makeHost();
    await settle(serve());
    const seen = host.run({ signal: AbortSignal.abort("gone") }, ({ signal }) => signal.reason as unknown);
    expect(seen).toBe("gone");
  });

  test("aborts a little before the host's deadline, and its timer goes with the invocation", async () => {
    const { host, settle, serve, time } = makeHost({ traits: NOTICE });
    await settle(serve());
    const deadline = time.clock.time() + 1_000;
    let abortedAt: number | undefined;
    const answer = host.run({ deadline }, async (context) => {
      const lefts = [context.left()];
      context.signal.addEventListener("abort", () => void (abortedAt = time.clock.now()));
      await new Promise<void>((resolve) => void time.clock.setTimer(950, resolve));
      return [...lefts, context.left()];
    });
    expect([await settle(answer), abortedAt]).toEqual([[1_000, 50], 900]);
    await settle(host.run({ deadline: time.clock.time() + 500 }, ({ signal }) => void signal));
    expect(time.clock.pending).toBe(0);
  });

  test("aborts shortly before the time for drain is over, for work after the answer too", async () => {
    const { host, settle, serve } = makeHost({ traits: NOTICE });
    await settle(serve());
    host.run({}, (context) => {
      const { signal } = context;
      context.waitUntil(new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())));
    });
    expect([await settle(host.shutdown({ name: "SIGTERM", leftMs: 1_000 })), host.inFlight]).toEqual([0, 0]);
  });

  test("follows the host's signal alone where it is first read after the invocation, and sets no timer", async () => {
    const { host, settle, serve, time } = makeHost({ traits: NOTICE });
    await settle(serve());
    const client = new AbortController();
    const deadline = time.clock.time() + 60_000;
    const context = await host.run({ signal: client.signal, deadline }, (context) => context);
    const { signal } = context;
    expect([signal.aborted, time.clock.pending]).toEqual([false, 0]);
    client.abort("gone");
    expect(signal.reason).toBe("gone");
  });

  test("still aborts when the client goes away while the answer is streamed, after the invocation", async () => {
    const { bus, host, settle, serve } = makeHost();
    bus.subscribe("flush", () => {});
    await settle(serve());
    const client = new AbortController();
    const signal = await settle(host.run({ signal: client.signal }, (context) => context.signal));
    client.abort("gone");
    expect(signal.reason).toBe("gone");
  });

  test.each([NaN, undefined])("leaves all the time where the host's deadline is %s", async (deadline) => {
    const { host, settle, serve } = makeHost();
    await settle(serve());
    const seen = await host.run({ deadline }, (context) => [context.left(), context.signal.aborted]);
    expect(seen).toEqual([Infinity, false]);
  });

  test("sets no timer where nobody reads it, or where there is no deadline", async () => {
    const { host, settle, serve, time } = makeHost({ traits: NOTICE });
    await settle(serve());
    const pending = host.run({ deadline: time.clock.time() + 500 }, () => time.clock.pending);
    expect([pending, host.run({}, (context) => context.left())]).toEqual([0, Infinity]);
  });
});

describe("work that goes on after the answer", () => {
  test("is passed to the host's waitUntil, and drain waits for it", async () => {
    const { host, settle, serve, time, did } = makeHost({ traits: NOTICE });
    await settle(serve());
    const given: Promise<unknown>[] = [];
    const work = new Promise<void>((resolve) => void time.clock.setTimer(200, resolve)).then(() =>
      void did.push("work")
    );
    const invocation = { waitUntil: (one: Promise<unknown>) => void given.push(one) };
    expect(host.run(invocation, (context) => context.waitUntil(work))).toBe(undefined);
    expect([given.length, host.inFlight]).toEqual([1, 1]);
    await settle(host.shutdown({ name: "SIGTERM", leftMs: 1_000 }));
    expect([did, host.inFlight]).toEqual([["work"], 0]);
  });

  test("holds the answer where nothing goes on after it", async () => {
    const { host, settle, serve, time, did } = makeHost({ traits: { ...NOTICE, background: "frozen" } });
    await settle(serve());
    const work = () => new Promise<void>((resolve) => void time.clock.setTimer(200, resolve));
    const answer = host.run({}, (context) => {
      context.waitUntil(work().then(() => context.waitUntil(work().then(() => void did.push("second")))));
      return "answer";
    });
    expect([await settle(answer), did, time.clock.now(), host.inFlight]).toEqual([
      "answer",
      ["second"],
      400,
      0,
    ]);
  });

  test("holds the answer where the host has waitUntil, and this invocation has none", async () => {
    const { host, settle, serve, time, did } = makeHost({
      traits: { background: "waitUntil", ioOutsideRequests: false },
    });
    await settle(serve());
    const answer = host.run({ kind: "rpc" }, (context) => {
      const work = new Promise<void>((resolve) => void time.clock.setTimer(200, resolve));
      context.waitUntil(work.then(() => void did.push("work")));
    });
    await settle(answer);
    expect(did).toEqual(["work"]);
  });

  test.each([
    ["until shortly before the deadline", { id: "7", deadline: 1_000 }, 900],
    ["for startWithin where there is none", { id: "7" }, 2_000],
  ])("holds the answer %s, and says what still runs", async (_, invocation, ms) => {
    const { host, settle, serve, time, logged } = makeHost({
      traits: { ...NOTICE, background: "frozen" },
      startWithin: 2_000,
    });
    await settle(serve());
    const deadline = "deadline" in invocation ? time.clock.time() + invocation.deadline! : undefined;
    const answer = host.run({ ...invocation, deadline }, (context) => {
      context.waitUntil(hang());
      return "answer";
    });
    const began = time.clock.now();
    expect([await settle(answer), time.clock.now() - began, host.inFlight]).toEqual(["answer", ms, 1]);
    expect(logged({ event: "work", invocation: "7", outcome: "late", ms })).toBe(1);
  });

  test("is logged, and counted until it ends, where its host does not wait for it", async () => {
    const { host, settle, serve, time, logged } = makeHost({ traits: NOTICE });
    await settle(serve());
    const waitUntil = () => {
      throw new Error("too late");
    };
    const work = new Promise<void>((resolve) => void time.clock.setTimer(200, resolve));
    host.run({ id: "7", waitUntil }, (context) => context.waitUntil(work));
    expect(host.inFlight).toBe(1);
    await settle(work);
    expect(host.inFlight).toBe(0);
    expect(logged({ event: "work", invocation: "7", outcome: "unheld" })).toBe(1);
  });

  test("is waited for by each of two drains", async () => {
    const { bus, host, settle, serve, time } = makeHost({ traits: NOTICE });
    await settle(serve());
    let end = () => {};
    host.run({}, (context) => context.waitUntil(new Promise<void>((resolve) => end = resolve)));
    for (let n = 0; n < 2; n++) {
      await settle(bus.stop().catch(() => {}));
      await settle(bus.start());
    }
    end();
    await time.flush();
    expect(bus.inspect().channels["drain"]?.filter(({ running }) => running !== undefined)).toEqual([]);
  });

  test("is logged where it fails, and never an unhandled rejection", async () => {
    const { host, settle, serve, logged, time } = makeHost({ traits: NOTICE });
    await settle(serve());
    host.run({ kind: "fetch", id: "7" }, (context) => context.waitUntil(Promise.reject(new Error("broken"))));
    await time.flush();
    expect(logged({ event: "work", invocation: "7", outcome: "failed" })).toBe(1);
  });

  test("is refused where it is no promise", async () => {
    const { host, settle, serve } = makeHost();
    await settle(serve());
    expect(() => host.run({}, (context) => context.waitUntil("work" as never))).toThrow(
      'Cannot wait until "work": expected a promise',
    );
  });
});
