import { expect, test } from "vitest";
import { sleep, start } from "../../spawn.ts";

test("a stop that is frozen past its deadline is finished after SIGCONT", async () => {
  const program = start("frozen");
  await program.waitForLine("ready");
  program.kill("SIGTERM");
  await program.waitForLine("step 7");
  program.kill("SIGSTOP");
  await sleep(2000);
  program.kill("SIGCONT");
  const { code, lines } = await program.exited;
  expect(lines).toContain("stopped in order");
  expect(lines.at(-1)).toBe("code 0");
  expect(code).toBe(0);
});
