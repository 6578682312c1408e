import { expect, test } from "vitest";
import { runtime, sleep, start } from "../../spawn.ts";

test("a blocked bus takes no CPU", async () => {
  const program = start("cpu");
  await program.waitForLine("measuring");
  await sleep(2000);
  program.kill("SIGTERM");
  const ms = Number((await program.waitForLine("cpu ")).slice("cpu ".length));
  console.log(`${runtime}: blocked for 2000 ms took ${ms} ms of CPU`);
  expect(ms).toBeLessThan(100);
  await program.exited;
});
