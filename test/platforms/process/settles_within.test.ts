import { expect, test } from "vitest";
import { settlesWithin } from "../../../platforms/process/settles_within.ts";
import { testing } from "../../../platforms/testing.ts";

test("the result is true if the promise resolves or rejects in time, and the timer is removed", async () => {
  const { clock } = testing();
  expect(await settlesWithin(Promise.resolve("value"), 100, clock)).toBe(true);
  expect(await settlesWithin(Promise.reject(new Error("broken")), 100, clock)).toBe(true);
  expect(clock.pending).toBe(0);
});

test("the result is false after the timeout, and a later rejection of the promise is handled", async () => {
  const { clock } = testing();
  const { promise, reject } = Promise.withResolvers<void>();
  const settled = settlesWithin(promise, 100, clock);
  let found: boolean | undefined;
  void settled.then((inTime) => found = inTime);
  await clock.advance(99);
  expect(found).toBe(undefined);
  await clock.advance(1);
  expect(found).toBe(false);
  reject(new Error("late"));
  await new Promise((resolve) => setTimeout(resolve));
});
