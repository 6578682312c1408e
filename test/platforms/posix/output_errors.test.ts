import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { runtime, start } from "../../spawn.ts";

/** A file for what the program notes, since nothing that it prints arrives. */
function notebook(): { readonly file: string; read(): string[] } {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "notes");
  const read = () => existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  return { file, read };
}

const ready = async (read: () => string[]) => {
  await vi.waitFor(() => expect(read().join("\n")).toMatch(/ready \d+/), { timeout: 8000 });
  return Number(/ready (\d+)/.exec(read().join("\n"))![1]);
};

describe("write errors of the standard output and error end nothing", () => {
  test("on a full disk (ENOSPC)", async () => {
    const { file, read } = notebook();
    const program = start("output_errors", { args: [file], launcher: ["./test/programs/to_full_disk.sh"] });
    program.kill("SIGTERM", await ready(read));
    expect((await program.exited).code).toBe(0);
    expect(read().slice(-2)).toEqual(["code 0", "exit 0"]);
  });

  test("after the terminal went away (EIO)", async (context) => {
    context.skip(!existsSync("/usr/bin/script"), "script(1), which makes a terminal, is not installed");
    const { file, read } = notebook();
    const program = start("output_errors", { args: [file], launcher: ["./test/programs/in_terminal.sh"] });
    await ready(read);
    // script(1) holds the other side of the terminal.
    program.kill("SIGKILL");
    await vi.waitFor(() => expect(read().at(-1)).toBe("exit 0"), { timeout: 8000 });
  });

  test("after the reader went away (EPIPE)", async () => {
    const { file, read } = notebook();
    const program = start("output_errors", { args: [file] });
    await ready(read);
    program.closeOutput();
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
    expect(read().slice(-2)).toEqual(["code 0", "exit 0"]);
  });
});

test("other listeners receive a write error until the bus stops, and cannot interrupt the stop", async () => {
  const { file, read } = notebook();
  const program = start("output_errors", {
    args: [file, "exit"],
    launcher: ["./test/programs/to_full_disk.sh"],
  });
  await ready(read);
  expect((await program.exited).code).toBe(0);
  expect(read().slice(-2)).toEqual(["code 0", "exit 0"]);
  // Deno throws such an error, and tells no listener of it.
  if (runtime !== "deno") expect(read()).toContain("others heard it in run");
});

test("a standard error that is a socket which nobody reads does not hold up Deno", async (context) => {
  context.skip(runtime !== "deno", "Node and Bun do not wait for a reader");
  const { file, read } = notebook();
  // Node gives its children sockets, where Deno gives pipes.
  const node = fileURLToPath(new URL("../../../node_modules/node26/bin/node", import.meta.url));
  const script = `
    const { DENO, PROGRAM, NOTES } = process.env;
    const words = ["run", "-A", "--quiet", PROGRAM, NOTES, "log"];
    require("node:child_process").spawn(DENO, words, { stdio: ["ignore", "ignore", "pipe"] }).stderr.pause();
  `;
  const parent = spawn(node, ["-e", script], {
    stdio: "ignore",
    env: {
      ...process.env,
      DENO: process.execPath,
      PROGRAM: fileURLToPath(new URL("../../programs/output_errors.ts", import.meta.url)),
      NOTES: file,
    },
  });
  const pid = await ready(read);
  onTestFinished(() => void parent.kill("SIGKILL"));
  process.kill(pid, "SIGTERM");
  try {
    await vi.waitFor(() => expect(read().at(-1)).toBe("exit 0"), { timeout: 8000 });
  } catch (error) {
    process.kill(pid, "SIGKILL");
    throw error;
  }
});
