import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { start } from "../../spawn.ts";

const LONG_MS = patient(60_000);

test("os_service.ts serves, has a pid file, and removes it at its end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-os-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "shop.pid");
  const program = start("../../examples/os_service", { args: ["0", path], timeoutMs: LONG_MS });
  const [url = ""] = /http:\S+/.exec(await program.waitForLine("Serves at")) ?? [];
  expect(await (await fetch(url)).text()).toBe(`Hello from process ${readFileSync(path, "utf8").trim()}\n`);
  program.kill("SIGTERM");
  expect([(await program.exited).code, existsSync(path)]).toEqual([0, false]);
}, LONG_MS);
