import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runtime, start } from "../../spawn.ts";
import { newFolder } from "./_bus.ts";

function newFile(): string {
  const path = join(newFolder(), "a.json");
  writeFileSync(path, "1");
  return path;
}

test("a file that is watched keeps no process alive", async () => {
  const program = start("reload_idle", { args: [newFile()] });
  const { code, lines } = await program.exited;
  expect([code, lines]).toEqual([0, ["ready"]]);
});

test("a file that is watched wakes nobody while nothing happens", async (context) => {
  if (!existsSync("/proc/self/status")) context.skip("Only Linux tells how often a process has woken");
  if (runtime === "bun") context.skip("Bun wakes some ten times a second by itself");
  const program = start("reload_idle", { args: [newFile(), "block"] });
  const line = await program.waitForLine("woken");
  expect(Number(/\d+/.exec(line)?.[0])).toBeLessThanOrEqual(6);
  await program.exited;
});
