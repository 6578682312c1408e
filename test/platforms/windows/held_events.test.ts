import { describe, expect, test } from "vitest";
import { armedEvents } from "../../../platforms/windows/console_events.ts";
import { heldEvents } from "../../../platforms/windows/held_events.ts";
import type { Kernel } from "../../../platforms/windows/kernel.ts";
import { takeEvents } from "../../../platforms/windows/threads.ts";
import { recordedControl } from "../conformance.ts";
import { fakeProcess } from "../fake_process.ts";
import { fakeWindows } from "./fake_windows.ts";

describe("held events", () => {
  test("are released as soon as they are taken, if another bus has taken over the process by then", async () => {
    const { win32 } = fakeWindows("node26");
    let taken = () => {};
    let released = 0;
    const late = {
      ...win32,
      takeEvents: () => new Promise<() => void>((resolve) => taken = () => resolve(() => released++)),
    };
    const armed = armedEvents("test", { CTRL_SHUTDOWN: "exit" }, { runtime: "node", isService: true });
    const source = heldEvents(armed, { calls: () => late, without: "Cannot receive the events" });
    const attached = source.attach({ control: recordedControl(), deliver: () => {} });
    source.release?.();
    taken();
    await attached;
    expect(released).toBe(1);
  });

  test("reject if the thread ends before it has taken them", async () => {
    const listeners = new Map<string, () => void>();
    const process = fakeProcess();
    process.getBuiltinModule = () => ({
      Worker: class {
        on(name: string, listener: () => void): void {
          listeners.set(name, listener);
        }
        unref(): void {}
      },
    });
    const kernel = { runtime: "node", koffi: "koffi", symbols: {} } as unknown as Kernel;
    const taking = takeEvents(process, kernel, { events: [6], held: [6], told: () => {} });
    listeners.get("exit")?.();
    await expect(taking).rejects.toThrow("the thread that listens has ended");
  });
});
