import { describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import type { WindowsOptions } from "../../platforms/windows.ts";
import { windowsRuntimes } from "../../scripts/windows/builds.ts";
import { afterRun, logOf, signalsOf, startBus, stopped, withCalls } from "./_bus_program.ts";
import type { ConsoleEvent } from "./console_events.ts";
import { useWindows } from "./under_windows.ts";

const windows = useWindows();

describe.concurrent.each(windowsRuntimes)("a bus on %s", (runtime) => {
  test("reports by CTRL_BREAK and goes on, and stops in order by CTRL_C", async () => {
    const program = await startBus(windows, runtime);
    expect((await program.deliver("CTRL_BREAK")).end).toBe("returned");
    expect(await program.waitForLine("Inspected")).toContain('"state":"run"');
    expect((await program.deliver("CTRL_C")).end).toBe("returned");
    const { code, lines } = await program.exited();
    expect(signalsOf(lines)).toEqual([
      { by: "signal", name: "CTRL_BREAK", calledAs: "SIGBREAK", number: 21 },
      { by: "signal", name: "CTRL_C", calledAs: "SIGINT", number: 2 },
    ]);
    expect(afterRun(lines)).toEqual(stopped);
    expect(code).toBe(0);
  });

  test("cleans up for two seconds after CTRL_CLOSE, and ends before Windows ends it", async () => {
    const program = await startBus(windows, runtime, { own: { stopMs: 2000 } });
    const { end, heldMs } = await program.deliver("CTRL_CLOSE");
    const { lines } = await program.exited();
    expect(signalsOf(lines)).toEqual([
      expect.objectContaining({ by: "signal", name: "CTRL_CLOSE", number: 1, leftMs: 4500 }),
    ]);
    expect(afterRun(lines)).toEqual(stopped);
    expect(end).toBe("exited");
    expect(heldMs).toBeGreaterThan(2000);
  });

  test("gives up a listener that takes longer than CTRL_CLOSE leaves, names it, and ends by itself", async () => {
    const program = await startBus(windows, runtime, { own: { stopMs: 60_000 } });
    const { end, heldMs } = await program.deliver("CTRL_CLOSE");
    const { lines } = await program.exited();
    expect(end).toBe("exited");
    expect(heldMs).toBeLessThan(5000);
    expect(logOf(lines).join("\n")).toContain('"clean up"');
    expect(lines).toContain("code 70");
    expect(lines).toContain("process exits 70");
  });

  test("is forced by a second CTRL_C", async () => {
    const program = await startBus(windows, runtime, { own: { stopMs: 60_000 } });
    await program.deliver("CTRL_C");
    await program.waitForLine("state stop");
    await new Promise((resolve) => setTimeout(resolve, 600));
    await program.deliver("CTRL_C");
    const { code, lines } = await program.exited();
    expect(lines).not.toContain("cleaned up");
    expect(lines).toContain("process exits 130");
    expect(code).toBe(130);
  });

  test("is not forced by CTRL_CLOSE after CTRL_C, but has less time", async () => {
    const program = await startBus(windows, runtime, { own: { stopMs: 2500 } });
    await program.deliver("CTRL_C");
    await program.waitForLine("state stop");
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await program.deliver("CTRL_CLOSE")).end).toBe("exited");
    const { lines } = await program.exited();
    expect(signalsOf(lines)).toHaveLength(2);
    expect(afterRun(lines)).toEqual(stopped);
  });

  test("leaves an event that is set to null to the runtime, which ends the process", async () => {
    const program = await startBus(windows, runtime, { options: { events: { CTRL_C: null } } });
    await program.deliver("CTRL_C");
    const { lines } = await program.exited();
    expect(afterRun(lines)).toEqual([]);
  });
});

const toldOfServices: readonly ConsoleEvent[] = ["CTRL_LOGOFF", "CTRL_SHUTDOWN"];
// By default a service goes on when a user logs off.
const service: WindowsOptions = { service: true, events: { CTRL_LOGOFF: "exit" } };

describe.concurrent.each(windowsRuntimes)("a service on %s", (runtime) => {
  test.each(toldOfServices)(
    "cleans up within what %s leaves",
    async (event) => {
      // Longer than any other event leaves: a service has 20 s to shut down.
      const [stopMs, limitMs] = event === "CTRL_SHUTDOWN" ? [5500, 20_000] : [2000, 5000];
      const own = { stopMs };
      const program = await startBus(windows, runtime, { options: service, own, ...withCalls(runtime) });
      const { end, heldMs } = await program.deliver(event, { limitMs });
      const { lines } = await program.exited();
      const leftMs = event === "CTRL_SHUTDOWN" ? 19_500 : 4500;
      expect(signalsOf(lines)).toEqual([{ by: "signal", name: event, number: 15, leftMs }]);
      expect(logOf(lines)).toEqual([]);
      expect(afterRun(lines)).toEqual(stopped);
      expect(end).toBe("exited");
      expect(heldMs).toBeGreaterThan(stopMs);
    },
  );
});

describe.concurrent.each(windowsRuntimes)("a service that only reports of CTRL_LOGOFF on %s", (runtime) => {
  test("goes on, and receives the next events", async () => {
    const options: WindowsOptions = { service: true, events: { CTRL_LOGOFF: "inspect" } };
    const program = await startBus(windows, runtime, { options, ...withCalls(runtime) });
    for (let count = 0; count < 2; count++) {
      // Windows does not end a service whose handler has returned.
      expect((await program.deliver("CTRL_LOGOFF", { terminates: false })).end).toBe("returned");
    }
    expect((await program.deliver("CTRL_SHUTDOWN")).end).toBe("exited");
    const { lines } = await program.exited();
    const heard = (signalsOf(lines) as readonly { name: string }[]).map(({ name }) => name);
    expect(heard).toEqual(["CTRL_LOGOFF", "CTRL_LOGOFF", "CTRL_SHUTDOWN"]);
    expect(afterRun(lines)).toEqual(stopped);
  });
});

describe.concurrent.each(windowsRuntimes)("a service with named events on %s", (runtime) => {
  test("ends by CTRL_CLOSE although it has several threads", async () => {
    const options = { named: true, service: true };
    const program = await startBus(windows, runtime, {
      options,
      own: { stopMs: 500 },
      ...withCalls(runtime),
    });
    const { end } = await program.deliver("CTRL_CLOSE");
    const { lines } = await program.exited();
    expect(afterRun(lines)).toEqual(stopped);
    expect(end).toBe("exited");
  });
});

describe.concurrent("Deno without --allow-ffi", () => {
  const denoPermissions = ["--allow-env", "--allow-read"];

  test("says once that CTRL_CLOSE leaves no time, and which flag changes that", async () => {
    const program = await startBus(windows, "deno", { denoPermissions, own: { stopMs: 2000 } });
    const { end, heldMs } = await program.deliver("CTRL_CLOSE");
    const { lines } = await program.exited();
    // How much of the failing stop is still logged depends on when Windows ends the process.
    const said = logOf(lines).filter((line) => line.includes("no time to stop"));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^warn There is no time to stop after CTRL_CLOSE.*--allow-ffi/);
    // The thread returns at once, and the process ends so soon after it that the test may see either one first.
    expect(["returned", "exited"]).toContain(end);
    expect(heldMs).toBeLessThan(patient(1000));
    expect(lines).not.toContain("cleaned up");
  });

  test("still stops in order by CTRL_C", async () => {
    const program = await startBus(windows, "deno", { denoPermissions });
    await program.deliver("CTRL_C");
    const { code, lines } = await program.exited();
    expect(afterRun(lines)).toEqual(stopped);
    expect(code).toBe(0);
  });
});

describe.concurrent("Node without koffi", () => {
  test("says that a service does not see CTRL_SHUTDOWN, and what to install", async () => {
    const program = await startBus(windows, "node26", { options: { service: true } });
    await program.deliver("CTRL_C");
    const { lines } = await program.exited();
    expect(logOf(lines)).toEqual([
      expect.stringMatching(/^warn Cannot receive CTRL_SHUTDOWN: .*npm install koffi/),
    ]);
    expect(afterRun(lines)).toEqual(stopped);
  });
});

describe.concurrent("Bun where it cannot compile", () => {
  test("says in one line that a service does not see CTRL_SHUTDOWN, and goes on", async () => {
    const program = await windows.start("bun", "windows_no_temporary");
    const { code, lines } = await program.exited();
    expect(lines).toEqual([
      expect.stringMatching(/^warn Cannot receive CTRL_SHUTDOWN: ENOENT/),
      "runs",
      "exited",
    ]);
    expect(code).toBe(0);
  });
});
