import { expect, test, vi } from "vitest";
import { inline, ProcessBus } from "../../../mod.ts";
import { isNotReady, lazy } from "../../../components/lazy.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function rejection(value: unknown): Promise<Error & { kind?: string; retryAfterMs?: number }> {
  return Promise.resolve(value).then(() => new Error("It did not reject"), (error) => error);
}

test("a value is made once, however many ask at once", async () => {
  let calls = 0;
  const db = lazy(async () => {
    await wait(10);
    return { nth: ++calls };
  });
  const values = await Promise.all(Array.from({ length: 1_000 }, () => db.get()));
  expect(new Set(values).size).toBe(1);
  expect(calls).toBe(1);
});

test("a value that is there is returned as it is, without a promise", async () => {
  const db = lazy(() => Promise.resolve("connection"));
  expect(db.isReady).toBe(false);
  await db.get();
  expect([db.isReady, db.get()]).toEqual([true, "connection"]);
});

test("a value that create returns at once is returned at once", () => {
  expect(lazy(() => 7).get()).toBe(7);
});

test("undefined is a value like any other", async () => {
  const create = vi.fn(async () => undefined);
  const one = lazy(create);
  await one.get();
  expect(one.get()).toBeUndefined();
  expect(create).toHaveBeenCalledTimes(1);
});

test("all who asked are told of a failure, and a later call tries again", async () => {
  let calls = 0;
  const db = lazy(async () => {
    if (++calls === 1) throw new Error("connection refused");
    return calls;
  }, { name: "db", retryDelay: 20 });
  const errors = await Promise.all([rejection(db.get()), rejection(db.get())]);
  for (const error of errors) {
    expect(error).toMatchObject({
      name: "NotReadyError",
      kind: "failed",
      message: 'Cannot get "db": connection refused',
      cause: { message: "connection refused" },
    });
  }
  expect(calls).toBe(1);
  await wait(30);
  expect(await db.get()).toBe(2);
});

test("create is not called again before the pause after a failure is over, which doubles up to its longest", async () => {
  const create = vi.fn(() => {
    throw new Error("no");
  });
  const db = lazy<never>(create, { retryDelay: 300, maxRetryDelay: 450 });
  expect((await rejection(db.get())).retryAfterMs).toBe(300);
  const { retryAfterMs = 0 } = await rejection(db.get());
  expect(retryAfterMs).toBeGreaterThan(0);
  expect(retryAfterMs).toBeLessThanOrEqual(300);
  expect(create).toHaveBeenCalledTimes(1);
  await wait(320);
  expect((await rejection(db.get())).retryAfterMs).toBe(450);
  expect(create).toHaveBeenCalledTimes(2);
});

test("a success ends the row of failures", async () => {
  let calls = 0;
  const db = lazy(() => {
    if (++calls !== 2) throw new Error("no");
    return calls;
  }, { retryDelay: 10 });
  await rejection(db.get());
  await wait(15);
  expect(db.get()).toBe(2);
  await db.stop!(db, undefined as never);
  db.start!({ log() {} } as never);
  expect((await rejection(db.get())).retryAfterMs).toBe(10);
});

test("a create that hangs is given up, told by its signal, and its late value is disposed of", async () => {
  let finish = (_: string) => {};
  const aborted: string[] = [];
  const dispose = vi.fn();
  const db = lazy((signal) => {
    signal.addEventListener("abort", () => aborted.push(signal.reason.name));
    return new Promise<string>((resolve) => finish = resolve);
  }, { name: "db", within: 30, retryDelay: 5, dispose });
  const error = await rejection(db.get());
  expect(error).toMatchObject({ kind: "late", message: 'Cannot get "db": it was not made within 30 ms' });
  expect([isNotReady(error), aborted]).toEqual([true, ["TimeoutError"]]);
  const late = finish;
  await wait(10);
  const again = db.get();
  late("late");
  finish("in time");
  expect(await again).toBe("in time");
  await wait(0);
  expect(dispose.mock.calls).toEqual([["late"]]);
});

test("a value that comes after its caller has gone is kept for the next one", async () => {
  const create = vi.fn(async () => {
    await wait(20);
    return "connection";
  });
  const db = lazy(create);
  // This caller does not wait for the answer.
  await Promise.race([db.get(), wait(1)]);
  await wait(30);
  expect(db.get()).toBe("connection");
  expect(create).toHaveBeenCalledTimes(1);
});

test("a bus that uses it disposes of it at the stop, and it is made anew after the next start", async () => {
  const bus = new ProcessBus({ platform: inline() });
  const seen: string[] = [];
  let nth = 0;
  const db = lazy(() => ++nth, { name: "db", dispose: (value) => seen.push(`close ${value}`) });
  const handle = bus.use(db);
  await bus.start();
  expect([handle.name, handle.value, nth]).toEqual(["db", db, 0]);
  expect(await db.get()).toBe(1);
  await bus.stop();
  expect(seen).toEqual(["close 1"]);
  expect(await rejection(db.get())).toMatchObject({
    kind: "ended",
    message: 'Cannot get "db": it was stopped',
  });
  await bus.start();
  expect(await db.get()).toBe(2);
  await bus.exit();
  expect(seen).toEqual(["close 1", "close 2"]);
});

test("what it depends on stops after it", async () => {
  const bus = new ProcessBus({ platform: inline() });
  const events: string[] = [];
  bus.use({ name: "pool", stop: () => void events.push("pool") });
  const db = lazy(() => 1, {
    name: "db",
    dependsOn: ["pool"],
    dispose: () => wait(5).then(() => events.push("db")),
  });
  bus.use(db);
  await bus.start();
  await db.get();
  await bus.exit();
  expect(events).toEqual(["db", "pool"]);
});

test("one that nobody asked for is not made to be disposed of", async () => {
  const create = vi.fn();
  const dispose = vi.fn();
  await using _ = lazy(create, { dispose });
  expect([create, dispose].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
});

test("a stop waits for a create that is under way, and disposes of what it made", async () => {
  const dispose = vi.fn();
  const db = lazy(async (signal) => {
    await wait(20);
    return signal.reason.name as string;
  }, { name: "db", dispose });
  const asked = rejection(db.get());
  await db[Symbol.asyncDispose]();
  expect(dispose.mock.calls).toEqual([["AbortError"]]);
  expect(await asked).toMatchObject({ kind: "ended" });
  expect(db.isReady).toBe(false);
});

test("a dispose that fails is a failure of the stop", async () => {
  const bus = new ProcessBus({ platform: inline() });
  const errors: unknown[] = [];
  bus.subscribe("log", ({ level, message }) => level === "error" && errors.push(message));
  const db = lazy(() => 1, {
    name: "db",
    dispose() {
      throw new Error("already closed");
    },
  });
  bus.use(db);
  await bus.start();
  await db.get();
  await bus.exit().catch(() => {});
  expect(await bus.block()).toBe(70);
  expect(errors).toContain('"db" on "stop" failed: already closed');
});

test("a dispose that hangs holds the stop no longer than its deadline", async () => {
  const bus = new ProcessBus({ platform: inline(), deadlines: { stop: 50 } });
  bus.subscribe("log", () => {});
  const db = lazy(() => 1, { name: "db", dispose: () => new Promise(() => {}) });
  bus.use(db);
  await bus.start();
  await db.get();
  const error = await rejection(bus.exit());
  expect(error.message).toContain("db (stop) timed out");
  expect(bus.state).toBe("exited");
});

test("a dispose of a late value that fails is logged in the bus that uses it", async () => {
  const bus = new ProcessBus({ platform: inline() });
  const errors: unknown[] = [];
  bus.subscribe("log", ({ level, message }) => level === "error" && errors.push(message));
  let finish = (_: number) => {};
  const db = lazy(() => new Promise<number>((resolve) => finish = resolve), {
    name: "db",
    within: 10,
    dispose: () => Promise.reject(new Error("gone")),
  });
  bus.use(db);
  await bus.start();
  await rejection(db.get());
  finish(1);
  await vi.waitFor(() => expect(errors).toEqual(['Cannot dispose of the late value of "db": gone']));
  await bus.exit();
});

test("what makes a request's context last is given the work", async () => {
  const works: Promise<unknown>[] = [];
  const db = lazy(() => Promise.reject(new Error("no")));
  await rejection(db.get({ waitUntil: (work) => void works.push(work) }));
  expect(works.length).toBe(1);
  await expect(works[0]).resolves.toBeUndefined();
});

test("bad input is refused at once, by name", () => {
  expect(() => lazy(7 as never)).toThrow('Cannot make the lazy value: "create" is 7, expected a function');
  expect(() => lazy(() => 1, { name: "" })).toThrow('the name is "", expected a string that is not empty');
  expect(() => lazy(() => 1, { within: -1 })).toThrow('"within" is -1, expected milliseconds');
  expect(() => lazy(() => 1, { retryDelay: NaN })).toThrow(RangeError);
  expect(() => lazy(() => 1, { dispose: true as never })).toThrow('"dispose" is true, expected a function');
  expect(() => lazy(() => 1, { ttl: 5 } as never)).toThrow('unknown option "ttl"');
});

test("it is named after its function, or as it is told", () => {
  async function database() {}
  expect([lazy(database).name, lazy(() => 1).name, lazy(database, { name: "db" }).name])
    .toEqual(["database", "lazy", "db"]);
});
