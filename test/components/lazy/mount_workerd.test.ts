// Not in workerd: it starts one of its own
import { beforeEach, describe, expect, test } from "vitest";
import { DATES, skipElsewhere } from "../../platforms/cloudflare/_workerd.ts";
import { startLazyWorker } from "./_lazy_worker.ts";

describe.each(DATES)("on workerd, compatible with %s,", (date) => {
  beforeEach((context) => skipElsewhere(context));

  test("applications that are mounted start with the bus, once, and each request goes on as its own", async () => {
    const { get, report } = await startLazyWorker(date, { program: "mount_worker" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => get("/shop/cart")));
    expect(answers).toMatchObject(Array(20).fill({ status: 200, text: '{"db":1,"pong":"pong"}' }));
    const { made, opened } = await report() as unknown as { made: string[]; opened: number };
    expect([made.filter((name) => name === "shop").length, opened]).toEqual([1, 1]);
    // What is broken is so for its path alone, and what nobody has is 404.
    expect((await get("/broken")).status).toBe(503);
    expect((await get("/other")).status).toBe(404);
    expect(await get("/shop")).toMatchObject({ status: 200 });
  });

  test("an application that would start with a request is refused in one line", async () => {
    const { report } = await startLazyWorker(date, { program: "mount_worker" });
    expect((await report() as unknown as { refused: string }).refused).toBe(
      'Error: Cannot mount "/late": on the Cloudflare platform, sockets and timers end with the request that began them, ' +
        'so that it has to start with the bus: set "warm"',
    );
  });
});
