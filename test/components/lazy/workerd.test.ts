// Not in workerd: it starts one of its own
import { beforeEach, describe, expect, test, vi } from "vitest";
import { DATES, skipElsewhere } from "../../platforms/cloudflare/_workerd.ts";
import { startLazyWorker } from "./_lazy_worker.ts";

const SERVED = { status: 200, text: JSON.stringify({ db: 1, pong: "pong" }) };

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function many<T>(count: number, ask: (nth: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, nth) => ask(nth)));
}

describe.each(DATES)("on workerd, compatible with %s,", (date) => {
  beforeEach((context) => skipElsewhere(context));

  test("a value is made once for 50 first requests, and each goes on as its own", async () => {
    const { get, report } = await startLazyWorker(date, { createMs: 300 });
    expect(await many(50, () => get("/"))).toMatchObject(Array(50).fill(SERVED));
    expect((await report()).creates).toBe(1);
    expect(await get("/")).toMatchObject(SERVED);
  });

  test("a failure is told to those who asked, and a later request tries again", async () => {
    const { get, report } = await startLazyWorker(date, { createMs: 100, failures: 1, retryDelay: 400 });
    const failed = { status: 503, text: 'NotReadyError: Cannot get "db": no database' };
    expect(await many(3, () => get("/"))).toMatchObject(Array(3).fill(failed));
    expect(await get("/")).toMatchObject(failed);
    await wait(450);
    expect(await get("/")).toMatchObject({ status: 200, text: JSON.stringify({ db: 2, pong: "pong" }) });
    expect((await report()).creates).toBe(2);
  });

  test("a first request whose client goes away hurts nobody", async () => {
    const { get } = await startLazyWorker(date, { createMs: 400 });
    const [cancelled, waiter] = await Promise.all([get("/cancel"), wait(30).then(() => get("/"))]);
    expect([cancelled.text, waiter]).toMatchObject(["TimeoutError", SERVED]);
  });

  test("where the first request is dropped, one that waits makes the value", async () => {
    const { get, report } = await startLazyWorker(date, { createMs: 300, within: 1_000 });
    const dropped = get("/?die");
    await vi.waitFor(async () => expect((await report()).creates).toBe(1));
    const waiters = many(5, () => get("/"));
    await dropped;
    const served = { status: 200, text: JSON.stringify({ db: 2, pong: "pong" }) };
    expect(await waiters).toMatchObject(Array(5).fill(served));
    expect(await get("/")).toMatchObject(served);
    expect((await report()).creates).toBe(2);
  });

  test("where the first request is answered before the value is there, a later one makes it, or finds it", async () => {
    const { get, report } = await startLazyWorker(date, { createMs: 300, within: 1_000 });
    expect((await get("/leave")).text).toBe("left");
    const later = await get("/");
    expect(later.status).toBe(200);
    expect(later.ms).toBeLessThan(2_500);
    const kept = await startLazyWorker(date, { createMs: 300, within: 5_000 });
    expect((await kept.get("/leave?keep")).text).toBe("left");
    expect(await kept.get("/")).toMatchObject(SERVED);
    expect([(await report()).creates <= 2, (await kept.report()).creates]).toEqual([true, 1]);
  });

  test("each tenant has an application of its own, made once", async () => {
    const { get, report } = await startLazyWorker(date, { createMs: 200 });
    const answers = await many(20, (nth) => get(`/tenant?tenant=${nth % 2 === 0 ? "ada" : "grace"}`));
    const found = answers.map(({ text }) =>
      JSON.parse(text) as { tenant: string; pong: string; current: string }
    );
    expect(found.map(({ tenant, pong }) => `${tenant} ${pong}`)).toEqual(
      Array.from({ length: 20 }, (_, nth) => nth % 2 === 0 ? "ada pong" : "grace pong"),
    );
    expect([...(await report()).tenants].sort()).toEqual(["ada", "grace"]);
    // Older dates have AsyncLocalStorage with a flag alone; then nobody can tell whose request is at hand.
    expect(found[0]?.current).toBe(
      date === DATES[1] ? "ada" : "Error: Cannot tell the current configuration: the runtime has no " +
        'AsyncLocalStorage, which workerd has with the flag "nodejs_compat"',
    );
  });

  test("a tenant whose first request is dropped is served to the others", async () => {
    const { get } = await startLazyWorker(date, { createMs: 300, within: 1_000 });
    const dropped = get("/tenant?tenant=ada&die");
    await wait(50);
    const [waiter] = await Promise.all([get("/tenant?tenant=ada"), dropped]);
    expect(waiter).toMatchObject({ status: 200 });
    expect(JSON.parse(waiter.text)).toMatchObject({ tenant: "ada", pong: "pong" });
  });

  test("requests are served one at a time", async () => {
    const { get, report } = await startLazyWorker(date, { createMs: 20 });
    const answers = await many(10, (nth) => get(`/serial?nth=${nth}`));
    expect(answers).toMatchObject(Array(10).fill({ status: 200, text: '{"pong":"pong"}' }));
    const { most, atOnce, order } = await report();
    expect([most, atOnce, order.length]).toEqual([1, 0, 10]);
  });

  test("a request that is dropped while it is served loses the lock to the next one", async () => {
    const { get } = await startLazyWorker(date, { createMs: 300, within: 1_000 });
    const dropped = get("/serial?die");
    await wait(50);
    const waiter = get("/serial?nth=1");
    await dropped;
    await wait(500);
    const next = await get("/serial?nth=2");
    // The first one that waits does so for as long as the one before may need: it is served or late, and never hangs.
    expect([200, 503]).toContain((await waiter).status);
    expect((await waiter).ms).toBeLessThan(2_500);
    expect(next).toMatchObject({ status: 200, text: '{"pong":"pong"}' });
  });

  test("what needs a timer between requests is refused in one line", async () => {
    const { report } = await startLazyWorker(date);
    expect((await report()).idle).toBe(
      'Error: Cannot make the dynamic application: "idleMs" cannot be kept on workerd, where timers end with their ' +
        'request, use "max"',
    );
  });
});

test("with AsyncLocalStorage, the current configuration can be told on workerd, too", async (context) => {
  skipElsewhere(context);
  const { get } = await startLazyWorker(DATES[0], { flags: ["nodejs_compat"] });
  const answers = await many(10, (nth) => get(`/tenant?tenant=t${nth}`));
  expect(answers.map(({ text }) => (JSON.parse(text) as { current: string }).current)).toEqual(
    Array.from({ length: 10 }, (_, nth) => `t${nth}`),
  );
});
