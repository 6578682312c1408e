import { expect, onTestFinished, test } from "vitest";
import { start } from "../../spawn.ts";
import { startNats, whyNoNats } from "./_nats.ts";

test("fleet.ts: when one changes the color, all have it, or say why not", async (context) => {
  if (whyNoNats !== undefined) return context.skip(whyNoNats);
  const server = await startNats();
  onTestFinished(() => server.end());
  const run = (...args: string[]) =>
    start("../../examples/fleet", { args, env: { NATS_URL: `127.0.0.1:${server.port}` }, timeoutMs: 60_000 });
  const one = run("one");
  await one.waitForLine("Has joined");
  const two = run("two", "blue");
  await Promise.all([
    one.waitForLine("one is blue"),
    two.waitForLine("two is blue"),
    two.waitForLine("all have it"),
  ]);
  two.kill("SIGTERM");
  expect((await two.exited).code).toBe(0);
  const three = run("three", "black");
  await three.waitForLine("black is too dark");
  for (const program of [one, three]) program.kill("SIGTERM");
  expect((await one.exited).code).toBe(0);
}, 60_000);
