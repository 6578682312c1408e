import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { start } from "../../spawn.ts";

const unshare = ["unshare", "-p", "-f", "--mount-proc", "--kill-child"];
const possible = spawnSync("unshare", [...unshare.slice(1), "true"]).status === 0;

describe("the first process of a container", () => {
  beforeEach((context) => {
    if (!possible) context.skip("unshare(1) may not make a process namespace here");
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends by %s, which it would ignore by default", async (name) => {
    const program = start("states", { launcher: unshare });
    await program.waitForLine("ready 1");
    const first = Number(readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, "utf8").trim());
    program.kill(name, first);
    const { code, lines } = await program.exited;
    expect(lines).toContain("state exited");
    expect(code).toBe(0);
  });

  test("ends with 128 and the number by a second signal, and is not killed by it", async () => {
    const program = start("slow_stop", { args: ["8000"], launcher: unshare });
    await program.waitForLine("ready");
    const first = Number(readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, "utf8").trim());
    program.kill("SIGTERM", first);
    await program.waitForLine("stopping");
    await new Promise((resolve) => setTimeout(resolve, 600));
    program.kill("SIGTERM", first);
    expect((await program.exited).code).toBe(143);
  });
});
