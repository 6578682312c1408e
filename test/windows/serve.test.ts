import { describe, expect, test } from "vitest";
import { type WindowsRuntime, windowsRuntimes } from "../../scripts/windows/builds.ts";
import type { ConsoleEvent } from "./console_events.ts";
import { useWindows, type WindowsProgram } from "./under_windows.ts";

const windows = useWindows();

async function serving(runtime: WindowsRuntime): Promise<{ program: WindowsProgram; url: string }> {
  const args = ["serve", "examples/hono.ts", "--port", "0"];
  const program = await windows.start(runtime, "../../cli/main", { args });
  const line = await program.waitForLine("http is up");
  await program.waitForLine("sitebus: ready in");
  return { program, url: /http:\S+/.exec(line)?.[0] ?? "" };
}

const ending: readonly ConsoleEvent[] = ["CTRL_C", "CTRL_CLOSE"];

describe.concurrent.each(windowsRuntimes)("sitebus serve on %s", (runtime) => {
  test.each(ending)("answers the requests before %s, then closes the database and ends", async (event) => {
    const { program, url } = await serving(runtime);
    const answer = fetch(`${url}slow?ms=1000`).then(async (
      response,
    ) => [response.status, await response.text()]);
    // When this later request is answered, the server is already working on the slow one.
    expect((await fetch(url)).status).toBe(200);
    const [found, { end }] = await Promise.all([answer, program.deliver(event)]);
    expect(found).toEqual([200, "Slow, but here: visit 1 after 1000 ms\n"]);
    expect(end).toBe(event === "CTRL_C" ? "returned" : "exited");
    const { code, lines } = await program.exited();
    expect(lines).toContain("database closed");
    if (event === "CTRL_C") expect(code).toBe(0);
  });

  test("reports by CTRL_BREAK and goes on", async () => {
    const { program, url } = await serving(runtime);
    await program.deliver("CTRL_BREAK");
    await program.waitForLine("state run for");
    expect((await fetch(url)).status).toBe(200);
    await program.deliver("CTRL_C");
    expect((await program.exited()).code).toBe(0);
  });
});
