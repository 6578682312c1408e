import { expect, test } from "vitest";
import { start } from "../../spawn.ts";

test.for(["fork", "cluster"])("a child with a channel to its parent ends with its bus: %s", async (how) => {
  const program = start("child_of", { args: [how] });
  const line = await program.waitForLine("child exited");
  const [, code, ms] = /with (\w+) after (\d+)/.exec(line)!;
  expect(code).toBe("3");
  // Force would be used 5 s after the end of the bus.
  expect(Number(ms)).toBeLessThan(4500);
  expect((await program.exited).lines.join("\n")).not.toContain("ended by force");
});
