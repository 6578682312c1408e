import { describe, expect, test } from "vitest";
import { start } from "../../spawn.ts";

describe("a program that comes to its end without block()", () => {
  const stopped = ["draining by host beforeExit", "stopped in order", "exited"];

  test("stops its bus in order, and ends with 0", async () => {
    const { code, lines } = await start("comes_to_its_end").exited;
    expect(lines).toEqual(stopped);
    expect(code).toBe(0);
  });

  test("does so after its work is done", async () => {
    const { code, lines } = await start("comes_to_its_end", { args: ["work"] }).exited;
    expect(lines).toEqual(["worked", ...stopped]);
    expect(code).toBe(0);
  });

  test("ends with 70 where the stop fails", async () => {
    const { code, lines } = await start("comes_to_its_end", { args: ["fail"] }).exited;
    expect(lines.slice(0, 2)).toEqual(stopped.slice(0, 2));
    expect(code).toBe(70);
  });

  test("exits a bus that was stopped before", async () => {
    const { code, lines } = await start("comes_to_its_end", { args: ["idle"] }).exited;
    expect(lines).toEqual(["draining by call undefined", "stopped in order", "exited"]);
    expect(code).toBe(0);
  });
});

test("an exit code that the program set is kept where the bus's own is 0", async () => {
  const { code } = await start("comes_to_its_end", { args: ["code"] }).exited;
  expect(code).toBe(3);
});
