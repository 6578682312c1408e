import { describe, expect, test } from "vitest";
import { runtime, start } from "../../spawn.ts";

/** What the program says when it runs with listeners of others, and is told to end. */
async function said(...ways: string[]) {
  const program = start("other_listeners", { args: ways });
  await program.waitForLine("ready");
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  const foreign = lines.filter((line) => line.startsWith("foreign "));
  const found = foreign.map((line) =>
    JSON.parse(/^foreign (\{.*?\}) /.exec(line)![1]!) as Record<string, string>
  );
  return { code, lines, foreign, found };
}

describe("a listener of other code for SIGTERM", () => {
  test.for(["before", "bound"])("is named in a warning that says what to do about it: %s", async (way) => {
    const { code, found, foreign } = await said(way);
    expect(found).toEqual([expect.objectContaining({ name: way })]);
    // Only Node reports where a function was written.
    if (runtime === "node") expect(found[0]?.["place"]).toMatch(/other_listeners\.ts:\d+:\d+$/);
    expect(foreign[0]).not.toContain("native code");
    expect(foreign[0]).toContain('in a listener of the bus\'s "stop"');
    expect(code).toBe(0);
  });

  test("that is added later is reported with the place that added it, on every runtime", async () => {
    const { found } = await said("late");
    expect(found).toEqual([{ place: expect.stringMatching(/other_listeners\.ts:\d+:\d+$/) }]);
  });

  test("is not reported if it is harmless, as the listeners of signal-exit and death are", async () => {
    const { code, lines } = await said("harmless");
    expect(lines).toEqual(["ready", "code 0"]);
    expect(code).toBe(0);
  });

  test("that calls process.exit before the bus has received the signal is still reported", async () => {
    const { code, lines } = await said("exit");
    expect(lines.join("\n")).toContain("process.exit(9) was called before the bus had stopped");
    expect(code).toBe(9);
  });

  test("that is put before the bus's own later, and calls process.exit, is told as well", async () => {
    const { code, lines } = await said("first");
    expect(lines.join("\n")).toContain("process.exit(9) was called before the bus had stopped");
    expect(code).toBe(9);
  });

  test("that calls Deno.exit is told once", async (context) => {
    context.skip(runtime !== "deno", "it is a function of Deno");
    const { code, lines } = await said("deno");
    expect(lines.filter((line) => line.includes("exit(9) was called"))).toEqual([
      "Deno.exit(9) was called before the bus had stopped: what is not done yet is lost; call bus.exit() instead",
    ]);
    expect(code).toBe(9);
  });

  test("keeps its place and its number of calls", async () => {
    const { lines } = await said("once");
    expect(lines.filter((line) => line === "once")).toHaveLength(1);
  });
});

test("what keeps the process alive is named in words", async (context) => {
  context.skip(runtime !== "node", "Deno and Bun do not tell what is open");
  const program = start("still_open");
  const line = await program.waitForLine("port");
  const [, port, pid] = /port (\d+), child (\d+)/.exec(line)!;
  const { lines } = await program.exited;
  const last = lines.at(-1);
  expect(last).toContain(`a server on 127.0.0.1:${port}`);
  expect(last).toContain(`a connection to 127.0.0.1:${port}`);
  expect(last).toContain(`the child process ${pid}`);
  expect(last).not.toContain("PipeWrap");
});
