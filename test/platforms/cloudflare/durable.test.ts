import { beforeEach, describe, expect, test } from "vitest";
import { DATES, skipElsewhere, startWorker } from "./_workerd.ts";

describe.each(DATES)("a Durable Object on workerd, compatible with %s", (date) => {
  beforeEach((context) => skipElsewhere(context));

  test("starts its bus once, before the first of its events", async () => {
    const { getAll, get } = await startWorker(date, { startMs: 200 });
    const answers = await getAll("/room?name=lobby", 10);
    expect(answers.map(({ text }) => JSON.parse(text))).toEqual(
      Array(10).fill({ nth: 1, starts: 1, state: "run" }),
    );
    expect(JSON.parse((await get("/room?name=attic")).text)).toEqual({ nth: 2, starts: 1, state: "run" });
  });

  test("is made anew by the next event where its start fails", async () => {
    const { get } = await startWorker(date, { failures: 1 });
    expect((await get("/room")).status).toBe(500);
    expect(JSON.parse((await get("/room")).text)).toEqual({ nth: 2, starts: 1, state: "run" });
  });
});
