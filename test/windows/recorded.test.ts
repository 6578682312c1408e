import process from "node:process";
import { describe, expect, it } from "vitest";
import { readManifest } from "../../scripts/_manifest.ts";
import { inModules } from "../../scripts/_tools.ts";
import { type WindowsRuntime, windowsRuntimes } from "../../scripts/windows/builds.ts";
import { type ConsoleEvent, consoleEventNames } from "./console_events.ts";
import { type Listening, readRecorded, type RecordedEvent, writeRecorded } from "./recorded.ts";
import { useWindows } from "./under_windows.ts";

// SITEBUS_RECORD=1 keeps what is recorded instead of comparing it.
const keeps = process.env["SITEBUS_RECORD"] === "1";

const windows = useWindows();

describe.each(windowsRuntimes)("what was recorded of %s", (runtime) => {
  it("is what is recorded again", async () => {
    const ways: readonly Listening[] = runtime === "deno"
      ? ["process.on", "Deno.addSignalListener"]
      : ["process.on"];
    const recorded = {
      runtime,
      version: readManifest(inModules(runtime), "package.json").version,
      events: Object.fromEntries(
        await Promise.all(ways.map(async (way) => [way, await recordEvents(runtime, way)])),
      ),
    };
    if (keeps) writeRecorded(recorded);
    expect(recorded).toEqual(readRecorded(runtime));
  });
});

async function recordEvents(
  runtime: WindowsRuntime,
  way: Listening,
): Promise<Record<ConsoleEvent, RecordedEvent>> {
  const events = consoleEventNames.map(async (event) => [event, await recordEvent(runtime, way, event)]);
  return Object.fromEntries(await Promise.all(events));
}

async function recordEvent(
  runtime: WindowsRuntime,
  way: Listening,
  event: ConsoleEvent,
): Promise<RecordedEvent> {
  const program = await windows.start(runtime, "windows_listeners", { args: [way] });
  await program.waitForLine("listening");
  // Not ended when the thread returns, so that a listener that comes too late on Windows is seen.
  const { end } = await program.deliver(event, { limitMs: 1000, terminates: false });
  // No listener is to come of a process that has ended, and one that comes is there soon.
  if (end !== "exited") await program.waitForLine("fired");
  const fired = program.lines().filter((line) => line.startsWith("fired"));
  expect(fired.length).toBeLessThanOrEqual(1);
  const [signal = null, ...args] = JSON.parse(fired[0]?.slice("fired ".length) ?? "[]") as [
    string?,
    ...unknown[],
  ];
  return { signal, args, thread: end };
}
