import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { programArguments, runtime, sleep, start } from "../../spawn.ts";

const becomes = "execve" in process;
const programFile = (name: string) => fileURLToPath(new URL(`../../programs/${name}.ts`, import.meta.url));
/** What follows the executable of a program of ours. */
const argumentsOf = (name: string, ...args: string[]) => [...programArguments(programFile(name)), ...args];

describe("a restart", () => {
  test("runs again and again, with the plan's arguments and environment, and loses no output", async () => {
    const { code, lines } = await start("restart", { timeoutMs: 14_000 }).exited;
    const found = lines.map((line) => line.match(/^generation (\d) pid (\d+) env (\w+)$/)).filter((one) =>
      one !== null
    );
    expect(found.map(([, generation, , env]) => [generation, env])).toEqual([
      ["0", "none"],
      ["1", "1"],
      ["2", "2"],
      ["3", "3"],
    ]);
    expect(new Set(found.map(([, , pid]) => pid)).size).toBe(becomes ? 1 : 4);
    expect(lines.filter((line) => line === "x".repeat(99))).toHaveLength(4 * 2000);
    expect(code).toBe(5);
  });

  test("starts the program with the same arguments, including the runtime's flags", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sitebus-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const marker = join(folder, "marker");
    writeFileSync(marker, "");
    const flags = {
      node: ["--max-old-space-size=300"],
      bun: ["--smol"],
      deno: ["--v8-flags=--max-old-space-size=300"],
    };
    const { code, lines } = await start("restart_as_is", {
      args: [marker, "two words"],
      flags: flags[runtime],
    }).exited;
    const found = lines.filter((line) => line.startsWith("arguments "));
    expect(found).toHaveLength(2);
    expect(found[1]).toBe(found[0]);
    expect(found[0]).toContain(JSON.stringify([marker, "two words"]));
    if (runtime !== "deno") expect(found[0]).toContain(flags[runtime][0]);
    expect(code).toBe(5);
  });

  test("fails with 70 if the working directory is not a directory", async () => {
    const { code, lines } = await start("restart_child", { args: ["null", '{"cwd":"/nowhere"}'] }).exited;
    expect(lines.join("\n")).toContain("/nowhere");
    expect(code).toBe(70);
  });
});

describe("a restart by a child", () => {
  test("passes signals on to the child, and the child's exit code to the waiting process", async () => {
    const program = start("restart_child", { args: [JSON.stringify(argumentsOf("states"))] });
    const ready = await program.waitForLine("ready");
    expect(ready).not.toBe(`ready ${program.pid}`);
    program.kill("SIGUSR2");
    await program.waitForLine("signal SIGUSR2");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(lines).toContain("signal SIGTERM 15");
    expect(lines).toContain("state exited");
    expect(code).toBe(0);
  });

  test("exits with the child's own code", async () => {
    const { code, lines } = await start("restart_child", {
      args: [JSON.stringify(argumentsOf("exit_code", "44"))],
    }).exited;
    expect(lines).toContain("code 44");
    expect(code).toBe(44);
  });

  test("exits with 128 and the number of the signal that ended the child", async () => {
    const program = start("restart_child", { args: [JSON.stringify(argumentsOf("sleeper"))] });
    const pid = Number((await program.waitForLine("sleeps")).split(" ")[1]);
    program.kill("SIGKILL", pid);
    expect((await program.exited).code).toBe(137);
  });
});

describe("a restart under Deno's permissions", () => {
  beforeEach((context) => {
    if (runtime !== "deno") context.skip("only Deno has permissions");
  });
  const sleeper = ["run", "--no-prompt", "--quiet", programFile("exit_code"), "44"];

  test("is refused if Deno's flags cannot be known, and the message says what to pass", async () => {
    const { code, lines } = await start("restart_child", { denoPermissions: ["--allow-run", "--allow-read"] })
      .exited;
    expect(lines.join("\n")).toContain('posix({ restart: { args: ["run", "--allow-net", "main.ts"] } })');
    expect(code).toBe(70);
  });

  test("is refused if Deno may not run itself, and the message says what to pass", async () => {
    const options = { args: [JSON.stringify(sleeper)], denoPermissions: [] };
    const { code, lines } = await start("restart_child", options).exited;
    expect(lines.join("\n")).toContain(`pass --allow-run=${process.execPath}`);
    expect(code).toBe(70);
  });

  test("gives the child the permissions that were passed, and no more", async () => {
    const allowed = [`--allow-run=${process.execPath}`];
    const tries = ["run", "--no-prompt", "--quiet", programFile("reads_file")];
    const { code, lines } = await start("restart_child", {
      args: [JSON.stringify(tries)],
      denoPermissions: allowed,
    }).exited;
    expect(lines).toContain("NotCapable");
    expect(code).toBe(3);
  });

  test("passes signals to the child with no other permission than to run it", async () => {
    const allowed = [`--allow-run=${process.execPath}`];
    const states = ["run", "--no-prompt", "--quiet", programFile("states")];
    const program = start("restart_child", { args: [JSON.stringify(states)], denoPermissions: allowed });
    await program.waitForLine("ready");
    await sleep(50);
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(lines).toContain("signal SIGTERM 15");
    expect(code).toBe(0);
  });
});
