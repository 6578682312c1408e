import process from "node:process";
import { describe, expect, test } from "vitest";
import { readManifest } from "../../scripts/_manifest.ts";
import { inModules } from "../../scripts/tools.ts";
import { type WindowsRuntime, windowsRuntimes } from "../../scripts/windows/builds.ts";
import { type ConsoleEvent, consoleEventNames, consoleEvents } from "./console_events.ts";
import {
  type HeldEvent,
  type Listening,
  readRecorded,
  type Recorded,
  type RecordedCalls,
  type RecordedEvent,
  writeRecorded,
} from "./recorded.ts";
import { useWindows } from "./under_windows.ts";

// SITEBUS_RECORD=1 writes the new recordings instead of comparing them.
const keeps = process.env["SITEBUS_RECORD"] === "1";

const windows = useWindows();

describe.each(windowsRuntimes)("the recordings of %s", (runtime) => {
  test("are equal to new recordings of its events", async () => {
    compare(runtime, "events", await recordAllEvents(runtime));
  });

  test("are equal to new recordings of its calls", async () => {
    const [takeEvents, passEvents] = [
      await recordTaking(runtime, "take"),
      await recordTaking(runtime, "pass"),
    ];
    compare(runtime, "calls", { ...await recordCalls(runtime), takeEvents, passEvents });
  });

  test("are of the version that is used", () => {
    compare(runtime, "version", readManifest(inModules(runtime), "package.json").version);
  });
});

function compare<P extends keyof Recorded>(runtime: WindowsRuntime, part: P, found: Recorded[P]): void {
  if (keeps) writeRecorded({ ...readRecorded(runtime), [part]: found });
  expect(found).toEqual(readRecorded(runtime)[part]);
}

async function recordAllEvents(runtime: WindowsRuntime): Promise<Recorded["events"]> {
  const ways: readonly Listening[] = runtime === "deno"
    ? ["process.on", "Deno.addSignalListener"]
    : ["process.on"];
  const events: { [L in Listening]?: Record<ConsoleEvent, RecordedEvent> } = {};
  for (const way of ways) {
    events[way] = await eachOf(consoleEventNames, async (event) => await recordEvent(runtime, way, event));
  }
  return events;
}

async function eachOf<K extends string, T>(
  names: readonly K[],
  record: (name: K) => Promise<T>,
): Promise<Record<K, T>> {
  const entries = await Promise.all(names.map(async (name) => [name, await record(name)] as const));
  return Object.fromEntries(entries) as Record<K, T>;
}

async function recordEvent(
  runtime: WindowsRuntime,
  way: Listening,
  event: ConsoleEvent,
): Promise<RecordedEvent> {
  const program = await windows.start(runtime, "windows_listeners", { args: [way] });
  await program.waitForLine("listening");
  // The agent does not end the process when the thread returns, so that a listener that would be too late on Windows is seen.
  const { end } = await program.deliver(event, { limitMs: 1000, terminates: false });
  // After the end of the process no listener is called; otherwise a listener is called soon.
  if (end !== "exited") await program.waitForLine("fired");
  await windows.agent.terminate(program);
  const fired = program.lines().filter((line) => line.startsWith("fired"));
  expect(fired.length).toBeLessThanOrEqual(1);
  const [signal = null, ...args] = JSON.parse(fired[0]?.slice("fired ".length) ?? "[]") as [
    string?,
    ...unknown[],
  ];
  return { signal, args, thread: end };
}

async function recordCalls(
  runtime: WindowsRuntime,
): Promise<Omit<RecordedCalls, "takeEvents" | "passEvents">> {
  const { agent } = windows;
  const [event, mutex, free] = ["event", "mutex", "free"].map((name) =>
    `sitebus-recorded-${runtime}-${name}`
  );
  await agent.createEvent({ name: event! });
  await agent.createMutex({ name: mutex! });
  const args = ["calls", event!, mutex!, free!];
  const program = await windows.start(runtime, "windows_calls", { args, koffi: "installed" });
  await program.waitForLine("waiting");
  // Gives the thread time to begin to wait, while the event loop goes on.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await agent.setEvent({ name: free! });
  const line = await program.waitForLine("answers");
  const beats = Number((await program.waitForLine("beats")).slice("beats ".length));
  expect(beats).toBeGreaterThan(10);
  expect((await program.exited()).code).toBe(0);
  return JSON.parse(line.slice("answers ".length)) as RecordedCalls;
}

async function recordTaking(
  runtime: WindowsRuntime,
  way: "take" | "pass",
): Promise<RecordedCalls["takeEvents"]> {
  const names: readonly HeldEvent[] = ["CTRL_CLOSE", "CTRL_LOGOFF", "CTRL_SHUTDOWN"];
  return await eachOf(names, async (event) => {
    const number = String(consoleEvents[event]);
    const args = [way, number];
    const program = await windows.start(runtime, "windows_calls", { args, koffi: "installed" });
    await program.waitForLine("taking");
    const { end } = await program.deliver(event, { limitMs: 1000, terminates: false });
    // Another thread reports the event, perhaps later.
    if (end !== "exited") await program.waitForLine("told");
    await windows.agent.terminate(program);
    return { told: program.lines().includes(`told ${number}`), thread: end };
  });
}
