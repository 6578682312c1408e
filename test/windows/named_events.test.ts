import { describe, expect, test } from "vitest";
import type { WindowsRuntime } from "../../scripts/windows/builds.ts";
import { windowsRuntimes } from "../../scripts/windows/builds.ts";
import { afterRun, type BusOptions, logOf, startBus, stopped, withCalls } from "./_bus_program.ts";
import { useWindows, type WindowsProgram } from "./under_windows.ts";

const windows = useWindows();

const named = { named: true } as const;

async function startNamed(runtime: WindowsRuntime, rest: BusOptions = {}): Promise<WindowsProgram> {
  return await startBus(windows, runtime, { options: named, ...withCalls(runtime), ...rest });
}

const nameOf = ({ pid }: WindowsProgram, what: string) => `sitebus-${pid}-${what}`;

describe.concurrent.each(windowsRuntimes)("another process and a bus on %s", (runtime) => {
  test("asks for each goal by an event, waits for the others, and the bus closes all of them", async () => {
    const { agent } = windows;
    // Long enough for another process to look in between, on a busy machine too.
    const program = await startNamed(runtime, { own: { stopMs: 1000 } });
    const run = nameOf(program, "run");
    expect(await agent.waitForEvent({ name: run, withinMs: 1000 })).toMatchObject({ came: true });
    await agent.setEvent({ name: nameOf(program, "reload") });
    await program.waitForLine("reloaded 1");
    await agent.setEvent({ name: nameOf(program, "reload") });
    await program.waitForLine("reloaded 2");
    await agent.setEvent({ name: nameOf(program, "graceful") });
    await program.waitForLine("state stop");
    expect(await agent.waitForEvent({ name: run, withinMs: 0 })).toMatchObject({ came: false });
    expect(await agent.waitForEvent({ name: run, withinMs: 5000 })).toMatchObject({ came: true });
    const exited = agent.waitForEvent({ name: nameOf(program, "exited"), withinMs: 5000 });
    await agent.setEvent({ name: nameOf(program, "exit") });
    const { code, lines } = await program.exited();
    expect(await exited).toMatchObject({ came: true });
    expect(logOf(lines)).toEqual([]);
    expect(afterRun(lines)).toEqual(stopped);
    expect(code).toBe(0);
    expect(await agent.hasEvent({ name: run })).toBe(false);
  });

  test("asks for a restart", async () => {
    const program = await startNamed(runtime);
    await windows.agent.setEvent({ name: nameOf(program, "restart") });
    const { code, lines } = await program.exited();
    expect(lines).toContain("restart");
    expect(code).toBe(3);
  });

  test("lets the application end the process while a thread waits", async () => {
    const program = await startNamed(runtime, { own: { exits: 7 } });
    const { code, lines } = await program.exited();
    expect(lines).toContain("process exits 7");
    expect(code).toBe(7);
  });

  test("lets the process end by itself if no call of block() waits", async () => {
    const program = await windows.start(runtime, "windows_unblocked", withCalls(runtime));
    const { code, lines } = await program.exited();
    expect(lines.slice(-2)).toEqual(["exited", "process exits 7"]);
    expect(code).toBe(7);
  });

  test("lets a second CTRL_C force the process while a thread waits", async () => {
    const program = await startNamed(runtime, { own: { stopMs: 15_000 } });
    await program.deliver("CTRL_C");
    await program.waitForLine("state stop");
    await new Promise((resolve) => setTimeout(resolve, 600));
    await program.deliver("CTRL_C");
    expect((await program.exited()).code).toBe(130);
  });

  test("may have taken the names: the bus names them, and goes on with the other events", async () => {
    const { agent } = windows;
    const program = await startNamed(runtime, { own: { waits: true }, until: "waits" });
    await agent.createEvent({ name: nameOf(program, "exit") });
    await agent.createMutex({ name: nameOf(program, "run") });
    await agent.createEvent({ name: nameOf(program, "go") });
    await program.waitForLine("ready");
    await agent.setEvent({ name: nameOf(program, "reload") });
    await program.waitForLine("reloaded 1");
    await program.deliver("CTRL_C");
    const { lines } = await program.exited();
    const [line, ...others] = logOf(lines);
    expect(line).toContain(`"${nameOf(program, "exit")}", "${nameOf(program, "run")}": the names are taken`);
    expect(others).toEqual([]);
    expect(afterRun(lines)).toEqual(stopped);
  });
});

describe.concurrent.each(["node22", "node26"] as const)("whoever ends %s", (runtime) => {
  test.each([["a listener that throws", 7], ["no listeners", 7], ["reallyExit", 7]])(
    "with named events by %s ends it, while a thread waits",
    async (way, code) => {
      const program = await windows.start(runtime, "windows_ends", {
        args: [way],
        timeoutMs: 10_000,
        ...withCalls(runtime),
      });
      expect(await program.exited()).toMatchObject({ code });
    },
  );
});

describe.concurrent("where Windows cannot be called", () => {
  const cannot: readonly [title: string, runtime: WindowsRuntime, options: BusOptions, why: RegExp][] = [
    ["koffi is not installed", "node22", {}, /koffi is not installed; npm install koffi$/],
    ["koffi is not installed", "node26", {}, /koffi is not installed; npm install koffi$/],
    ["koffi is for another system", "node22", { koffi: "wrong" }, /Cannot find the native Koffi module/],
    ["koffi is for another system", "node26", { koffi: "wrong" }, /Cannot find the native Koffi module/],
    ["Deno may not", "deno", { denoPermissions: ["--allow-env"] }, /pass --allow-ffi$/],
  ];
  test.each(cannot)(
    "since %s, a bus on %s says so in one line and goes on",
    async (_title, runtime, rest, why) => {
      const events = { CTRL_CLOSE: null, CTRL_LOGOFF: null, CTRL_SHUTDOWN: null };
      const program = await startBus(windows, runtime, { options: { named: true, events }, ...rest });
      await program.deliver("CTRL_C");
      const { code, lines } = await program.exited();
      expect(logOf(lines)).toEqual([
        expect.stringMatching(/^warn There are no named events: Cannot call Windows: /),
      ]);
      expect(logOf(lines)[0]).toMatch(why);
      expect(afterRun(lines)).toEqual(stopped);
      expect(code).toBe(0);
    },
  );
});
