import { describe, expect, it } from "vitest";
import { makeHost, NOTICE } from "./_host.ts";

describe("the signal of an invocation", () => {
  it("is one, aborts with the host's, and tells why", async () => {
    const { host, settle, serve } = makeHost();
    await settle(serve());
    const controller = new AbortController();
    const signals = host.run({ signal: controller.signal }, (context) => [context.signal, context.signal]);
    const [signal, again] = await signals as [AbortSignal, AbortSignal];
    expect([signal === again, signal.aborted]).toEqual([true, false]);
    controller.abort("gone");
    expect(signal.reason).toBe("gone");
  });

  it("has aborted where the host's has", async () => {
    const { host, settle, serve } = makeHost();
    await settle(serve());
    const seen = host.run({ signal: AbortSignal.abort("gone") }, ({ signal }) => signal.reason as unknown);
    expect(seen).toBe("gone");
  });

  it("aborts a little before the host's deadline, and its timer goes with the invocation", async () => {
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

  it("costs no timer where nobody reads it, and there is no deadline", async () => {
    const { host, settle, serve, time } = makeHost({ traits: NOTICE });
    await settle(serve());
    const pending = host.run({ deadline: time.clock.time() + 500 }, () => time.clock.pending);
    expect([pending, host.run({}, (context) => context.left())]).toEqual([0, Infinity]);
  });
});

describe("work that goes on after the answer", () => {
  it("is the host's to wait for, and drain waits for it too", async () => {
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

  it("holds the answer where nothing goes on after it", async () => {
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

  it("holds the answer where the host could go on, and this invocation has no way to say so", async () => {
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

  it("is logged where it fails, and unhandled by nobody", async () => {
    const { host, settle, serve, logged, time } = makeHost({ traits: NOTICE });
    await settle(serve());
    host.run({ kind: "fetch", id: "7" }, (context) => context.waitUntil(Promise.reject(new Error("broken"))));
    await time.flush();
    expect(logged(/^Work that the fetch "7" went on with has failed: broken$/)).toBe(1);
  });

  it("is refused where it is no promise", async () => {
    const { host, settle, serve } = makeHost();
    await settle(serve());
    expect(() => host.run({}, (context) => context.waitUntil("work" as never))).toThrow(
      'Cannot wait until "work": expected a promise',
    );
  });
});
