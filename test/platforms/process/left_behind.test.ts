import { expect, test } from "vitest";
import { leaveBehind, leftBehind } from "../../../platforms/process/left_behind.ts";

test("what was left behind is known until it has ended, each by itself", () => {
  const [first, second] = [leaveBehind("a lock"), leaveBehind("a lock")];
  expect(leftBehind()).toEqual(["a lock", "a lock"]);
  first();
  first();
  expect(leftBehind()).toEqual(["a lock"]);
  second();
  expect(leftBehind()).toEqual([]);
});
