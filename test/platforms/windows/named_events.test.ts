import { describe, expect, test } from "vitest";
import { ProcessBus } from "../../../mod.ts";
import { windows } from "../../../platforms/windows.ts";
import { windowsRuntimes } from "../../../scripts/windows/builds.ts";
import { recordedControl } from "../conformance.ts";
import { type FakeWindows, fakeWindows } from "./fake_windows.ts";

const outcome = { code: 0, forced: false, leftMs: 60_000 };

/** Waits until events that were set have been received. */
const heard = () => new Promise((resolve) => setTimeout(resolve, 1));

function named({ process, win32 }: FakeWindows, options: object = {}) {
  return windows({ process, win32, named: true, ...options });
}

async function attached(fake: FakeWindows, options: object = {}) {
  const platform = named(fake, options);
  const control = recordedControl();
  await platform.attach(control);
  let release = () => {};
  const parked = platform.park(new Promise<void>((resolve) => release = resolve));
  return { platform, control, parked, release: () => release() };
}

describe.each(windowsRuntimes)("named events on %s", (runtime) => {
  const nameOf = ({ process }: FakeWindows, what: string) => `sitebus-${process.pid}-${what}`;

  test("ask for the goals in their names, as often as they are set", async () => {
    const fake = fakeWindows(runtime);
    const { control } = await attached(fake);
    for (const what of ["reload", "reload", "graceful", "restart", "exit"]) {
      expect(fake.set(nameOf(fake, what))).toBe(true);
      await heard();
      expect(fake.isSet(nameOf(fake, what))).toBe(false);
    }
    expect(control.requests).toEqual(
      ["reload", "reload", "graceful", "restart", "exit"].map((goal) => ({
        goal,
        reason: { by: "host", name: nameOf(fake, goal) },
      })),
    );
    expect(control.logs).toEqual([]);
  });

  test("show when the bus runs and when it has exited", async () => {
    const fake = fakeWindows(runtime);
    const { platform } = await attached(fake);
    const shown = () => ["run", "exited"].map((what) => fake.isSet(nameOf(fake, what)));
    platform.pulse?.("run", false);
    expect(shown()).toEqual([false, false]);
    platform.pulse?.("run", true);
    expect(shown()).toEqual([true, false]);
    platform.pulse?.("drain", false);
    expect(shown()).toEqual([false, false]);
    platform.pulse?.("exited", true);
    expect(shown()).toEqual([false, true]);
  });

  test("are all closed, and their thread ends", async () => {
    const fake = fakeWindows(runtime);
    const before = fake.process.listenerTotal();
    const { platform, parked, release } = await attached(fake);
    expect(fake.waits()).toBe(true);
    expect(fake.open()).toHaveLength(7);
    await platform.leave(outcome);
    expect(fake.waits()).toBe(false);
    expect(fake.open()).toEqual([]);
    release();
    await parked;
    // The signal listeners stay until the process has ended.
    expect(fake.process.listenerTotal()).toBeGreaterThan(before);
    expect(fake.process.listeners("exit")).toEqual([]);
  });

  test("are received only while the bus is blocked", async () => {
    const fake = fakeWindows(runtime);
    const platform = named(fake);
    const control = recordedControl();
    const ends: (() => void)[] = [];
    const park = () => platform.park(new Promise<void>((resolve) => ends.push(resolve)));
    // As bus.run() does: it blocks, and then starts.
    const first = park();
    expect(fake.waits()).toBe(false);
    await platform.attach(control);
    expect(fake.waits()).toBe(true);
    const second = park();
    ends[0]!();
    await first;
    await heard();
    expect(fake.waits()).toBe(true);
    ends[1]!();
    await second;
    await heard();
    expect(fake.waits()).toBe(false);
    fake.set(nameOf(fake, "graceful"));
    await heard();
    expect(control.requests).toEqual([]);
    // Events that are set in the meantime are kept.
    void park();
    await heard();
    expect(control.requests.map(({ goal }) => goal)).toEqual(["graceful"]);
    await platform.leave(outcome);
  });

  test("are received if the bus is blocked again before the thread has ended", async () => {
    const fake = fakeWindows(runtime);
    const { platform, control, parked, release } = await attached(fake);
    release();
    await parked;
    void platform.park(new Promise(() => {}));
    await heard();
    expect(fake.waits()).toBe(true);
    fake.set(nameOf(fake, "reload"));
    await heard();
    expect(control.requests.map(({ goal }) => goal)).toEqual(["reload"]);
    await platform.leave(outcome);
  });

  test("leave no waiting thread when other code ends the process", async () => {
    const fake = fakeWindows(runtime);
    fake.process.on("exit", () => {
      throw new Error("theirs, which was there first");
    });
    await attached(fake);
    expect(fake.waits()).toBe(true);
    expect(() => fake.process.emit("exit", 7)).toThrow("theirs");
    await heard();
    expect(fake.waits()).toBe(false);
  });

  test("do not delay a forced end", async () => {
    const fake = fakeWindows(runtime);
    const { platform } = await attached(fake);
    void platform.leave({ code: 130, forced: true, leftMs: 0 });
    expect(fake.process.exits).toEqual([130]);
  });

  test("whose names are taken are named in a warning, and the others work", async () => {
    const fake = fakeWindows(runtime);
    fake.make(nameOf(fake, "exit"), "event");
    fake.make(nameOf(fake, "run"), "mutex");
    const { platform, control } = await attached(fake);
    expect(control.logs).toEqual([{
      level: "warn",
      message: `Cannot make the named events "${nameOf(fake, "exit")}", "${nameOf(fake, "run")}": ` +
        "the names are taken by another owner",
    }]);
    platform.pulse?.("run", true);
    fake.set(nameOf(fake, "exit"));
    fake.set(nameOf(fake, "restart"));
    await heard();
    expect(control.requests.map(({ goal }) => goal)).toEqual(["restart"]);
    await platform.leave(outcome);
    expect(fake.open()).toEqual([]);
  });

  test("may be visible on the whole machine", async () => {
    const fake = fakeWindows(runtime);
    const { control } = await attached(fake, { named: { scope: "machine" } });
    fake.set(`Global\\${nameOf(fake, "exit")}`);
    await heard();
    expect(control.requests.map(({ goal }) => goal)).toEqual(["exit"]);
  });

  test("are given up with a warning if Windows stops waiting, and the bus goes on", async () => {
    const fake = fakeWindows(runtime);
    const { platform, control } = await attached(fake);
    fake.breakWait(new Error("WaitForMultipleObjects answers 4294967295"));
    await heard();
    expect(control.logs).toEqual([{ level: "warn", message: "Cannot wait for the named events any more" }]);
    await platform.leave(outcome);
    expect(fake.open()).toEqual([]);
  });

  test("serve one bus after another in one process", async () => {
    const fake = fakeWindows(runtime);
    for (const name of ["first", "second"]) {
      const bus = new ProcessBus({ name, platform: named(fake) });
      const messages: string[] = [];
      bus.subscribe("log", ({ level, message }) => {
        if (level === "warn" || level === "error") messages.push(message);
      });
      const code = bus.run();
      await bus.wait("run");
      fake.set(nameOf(fake, "exit"));
      expect(await code).toBe(0);
      expect(messages).toEqual([]);
      expect(fake.open()).toEqual([]);
    }
  });
});
