import { get } from "node:http";
import { expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { start } from "../../spawn.ts";

const LONG_MS = patient(60_000);

test("units_threads.ts has the threads of a pool share the work", async () => {
  const { lines, code } = await start("../../examples/units_threads", { timeoutMs: LONG_MS }).exited;
  expect(lines).toContain("17984 primes below 200000");
  expect(code).toBe(0);
}, LONG_MS);

test("units_settings.ts changes the setting of all workers, or of none", async () => {
  const { lines, code } = await start("../../examples/units_settings", { timeoutMs: LONG_MS }).exited;
  const said = lines.filter((line) => /^web\/[12]/.test(line));
  expect([said[0], ...said.slice(1, 3).sort(), said[3], ...said.slice(4).sort()]).toEqual([
    "web/1: all have blue",
    "web/1 is blue",
    "web/2 is blue",
    "web/1: nobody has black",
    "web/1 is blue",
    "web/2 is blue",
  ]);
  expect(code).toBe(0);
}, LONG_MS);

test("units_consumer.ts finishes the messages at work before it ends", async () => {
  const program = start("../../examples/units_consumer", { timeoutMs: LONG_MS });
  await program.waitForLine("mail/1/3 sends");
  await program.waitForLine("mail/2/3 sends");
  program.kill("SIGTERM");
  const { lines, code } = await program.exited;
  const count = (text: string) => lines.filter((line) => line.includes(text)).length;
  expect(count("closed")).toBe(count("opens a connection"));
  expect(count("sends message")).toBe(count("opens a connection"));
  expect(code).toBe(0);
}, LONG_MS);

test("units_prefork.ts serves from two processes, and rolls them", async () => {
  const program = start("../../examples/units_prefork", { timeoutMs: LONG_MS, env: { PORT: "0" } });
  const [, port] = /serves on 127\.0\.0\.1:(\d+)/.exec(await program.waitForLine("serves on")) ?? [];
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      get({ port, host: "127.0.0.1", agent: false }, (response) => {
        response.setEncoding("utf8").on("data", resolve);
      }).on("error", reject);
    });
  const before = await ask();
  expect(before).toMatch(/^Hello from process \d+\n$/);
  program.kill("SIGUSR1");
  await program.waitForLine("rolled");
  const after = await ask();
  expect(after).toMatch(/^Hello from process \d+\n$/);
  expect(after).not.toBe(before);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}, LONG_MS);
