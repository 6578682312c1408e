import { expect, test } from "vitest";
import { start } from "../../spawn.ts";

test.for(["fork", "cluster"])("a child with a channel to its parent ends with its bus: %s", async (how) => {
  const program = start("child_of", { args: [how] });
  await program.waitForLine("left");
  const left = performance.now();
  expect(await program.waitForLine("child exited")).toBe("child exited with 3");
  // Force would be used 5 s after the end of the bus.
  expect(performance.now() - left).toBeLessThan(4500);
  expect((await program.exited).lines.join("\n")).not.toContain("ended by force");
});
