import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { start } from "../../spawn.ts";
import { folder, LONG_MS } from "./_service.ts";

test("os_service.ts serves, has a pid file, and removes it at its end", async () => {
  const path = join(folder(), "shop.pid");
  const program = start("../../examples/os_service", { args: ["0", path], timeoutMs: LONG_MS });
  const [url = ""] = /http:\S+/.exec(await program.waitForLine("Serves at")) ?? [];
  expect(await (await fetch(url)).text()).toBe(`Hello from process ${readFileSync(path, "utf8").trim()}\n`);
  program.kill("SIGTERM");
  expect([(await program.exited).code, existsSync(path)]).toEqual([0, false]);
}, LONG_MS);
