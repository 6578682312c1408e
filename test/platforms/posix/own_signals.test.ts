import { expect, test } from "vitest";
import { runtime, sleep, start } from "../../spawn.ts";

test.for([
  { how: "node", times: 1 },
  { how: "number", times: 1 },
  { how: "node", times: 3 },
  { how: "deno", times: 1 },
])("a signal that the process sends to itself forces nothing, and is said once: $how, $times times", async (
  { how, times },
  context,
) => {
  context.skip(how === "deno" && runtime !== "deno", "only Deno has Deno.kill");
  const program = start("own_signal", { args: [how, String(times)] });
  await program.waitForLine("ready");
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  expect(lines).toContain("stopped in order");
  expect(lines.filter((line) => line.includes("sent SIGTERM to itself"))).toHaveLength(1);
  // The signal is still published on the channel "signal".
  expect(lines.filter((line) => line === "signal SIGTERM").length).toBeGreaterThan(1);
  expect(lines).toContain("code 0");
  expect(code).toBe(0);
});

test("a signal that the process sends to itself stops a bus that runs", async () => {
  const program = start("own_signal", { args: ["first"] });
  const { code, lines } = await program.exited;
  expect(lines).toContain("stopped in order");
  expect(code).toBe(0);
});

test("an operator can still force the stop by a second signal", async () => {
  const program = start("own_signal", { args: ["node"] });
  await program.waitForLine("ready");
  program.kill("SIGTERM");
  await program.waitForLine("sent SIGTERM to itself");
  await sleep(50);
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  expect(lines).not.toContain("stopped in order");
  expect(code).toBe(143);
});
