import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { type Program, runtime, sleep, start } from "../../spawn.ts";

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "file");
}

/** Starts the program that writes two megabytes, and waits until its bus has left while nobody reads the output. */
async function startFlush(...left: string[]): Promise<Program> {
  const marker = temporaryFile();
  const program = start("flush", { args: [marker, ...left], reads: false });
  await vi.waitFor(() => expect(existsSync(marker)).toBe(true), { timeout: patient(8000) });
  await sleep(1000);
  return program;
}

describe("the end of a POSIX process", () => {
  test("loses nothing of two megabytes down a slow pipe, and keeps the exit code", async () => {
    const program = await startFlush();
    program.read();
    const { code, lines } = await program.exited;
    expect(lines.filter((line) => line === "x".repeat(99))).toHaveLength(20_000);
    expect(code).toBe(7);
  });

  test("loses nothing either if something in it cannot end, and does not wait for that thing", async () => {
    const program = await startFlush("a lock");
    program.read();
    const begun = performance.now();
    const { code, lines } = await program.exited;
    // Bun does not report when its output is written, so that the process has all of its time.
    if (runtime !== "bun") expect(performance.now() - begun).toBeLessThan(patient(2500));
    expect(lines.filter((line) => line === "x".repeat(99))).toHaveLength(20_000);
    expect(lines.at(-1)).toMatch(/ended by force \d+ ms after its bus: a lock, /);
    expect(code).toBe(7);
  });

  test("is not cut short by a signal that comes while the output is flushed", async () => {
    const program = await startFlush();
    program.kill("SIGTERM");
    await sleep(100);
    program.kill("SIGTERM");
    program.read();
    const { code, lines } = await program.exited;
    expect(lines.filter((line) => line === "x".repeat(99))).toHaveLength(20_000);
    expect(code).toBe(7);
  });

  test("is forced when its time is over, naming what keeps the process alive", async () => {
    const program = start("leak", { args: ["600"] });
    await program.waitForLine("code 4");
    const begun = performance.now();
    const { code, lines } = await program.exited;
    expect(code).toBe(4);
    expect(lines.at(-1)).toContain("is ended by force");
    expect(lines.at(-1)).toContain(runtime === "bun" ? "does not tell" : "1 Timeout");
    expect(performance.now() - begun).toBeLessThan(patient(2000));
  });

  test("is forced at once by a second signal", async () => {
    const program = start("leak", { args: ["5000"] });
    await program.waitForLine("code 4");
    program.kill("SIGTERM");
    await sleep(600);
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(143);
  });

  test("comes in order although the reader of its output has gone", async () => {
    const notes = temporaryFile();
    const program = start("broken_pipe", { args: [notes] });
    await program.waitForLine("ready");
    program.closeOutput();
    program.kill("SIGTERM");
    const { code } = await program.exited;
    expect(readFileSync(notes, "utf8")).toBe(`stopped in ${program.pid}`);
    expect(code).toBe(0);
  });
});
