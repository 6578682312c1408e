import { expect, test } from "vitest";
import { start } from "../../spawn.ts";

test.for(["fork", "cluster"])("a child with a channel to its parent ends with its bus: %s", async (how) => {
  const program = start("child_of", { args: [how] });
  const line = await program.waitForLine("child exited");
  const [, code, ms] = /with (\w+) after (\d+)/.exec(line)!;
  expect(code).toBe("3");
  // The bus has 5 s from its end until it uses force.
  expect(Number(ms)).toBeLessThan(4500);
  expect((await program.exited).lines.join("\n")).not.toContain("ended by force");
});
