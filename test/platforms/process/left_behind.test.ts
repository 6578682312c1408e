import { expect, test } from "vitest";
import { leaveBehind, leftBehind } from "../../../platforms/process/left_behind.ts";

test("each thing that cannot end is registered until its undo is called", () => {
  const [first, second] = [leaveBehind("a lock"), leaveBehind("a lock")];
  expect(leftBehind()).toEqual(["a lock", "a lock"]);
  first();
  first();
  expect(leftBehind()).toEqual(["a lock"]);
  second();
  expect(leftBehind()).toEqual([]);
});
