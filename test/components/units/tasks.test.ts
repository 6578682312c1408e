import { describe, expect, test } from "vitest";
import { inline, ProcessBus } from "../../../mod.ts";
import { perTask, tasks, type UnitChannels } from "../../../components/units.ts";
import { site } from "../../../components/units.ts";

function makeBus() {
  const bus = new ProcessBus<UnitChannels>({ platform: inline() });
  const told: string[] = [];
  bus.subscribe("unit:start", ({ name }) => void told.push(`start ${name}`));
  bus.subscribe("unit:stop", ({ name }, { why, code }) => void told.push(`stop ${name} ${why} ${code}`));
  return { bus, told };
}

/** Lets what is on its way arrive. */
const turns = () => new Promise((resolve) => setTimeout(resolve));

describe("tasks", () => {
  test("are units of their site, from their beginning to their end", async () => {
    const { bus, told } = makeBus();
    await bus.start();
    const mail = tasks(bus, { name: "mail" });
    let finish = () => {};
    const done = mail.run("welcome", async (task) => {
      await new Promise<void>((resolve) => finish = resolve);
      return task.kind;
    });
    await turns();
    expect(mail.running).toBe(1);
    expect(site(bus).units().map(({ name, kind, state }) => [name, kind, state])).toEqual([[
      "mail/welcome",
      "task",
      "run",
    ]]);
    finish();
    expect(await done).toBe("task");
    await turns();
    expect(mail.running).toBe(0);
    expect(site(bus).units()).toEqual([]);
    expect(told).toEqual(["start mail/welcome", "stop mail/welcome asked 0"]);
    await bus.exit();
  });

  test("end as failed where they reject, and their caller hears why", async () => {
    const { bus, told } = makeBus();
    await bus.start();
    const failing = tasks(bus).run("import", () => Promise.reject(new Error("no such file")));
    await expect(failing).rejects.toThrow("no such file");
    await turns();
    expect(told).toEqual(["start import", "stop import failed 1"]);
    await bus.exit();
  });

  test("are waited for by the drain", async () => {
    const { bus, told } = makeBus();
    await bus.start();
    void tasks(bus).run("slow", () => new Promise((resolve) => setTimeout(resolve, 50)));
    bus.subscribe("stop", () => void told.push("stop of the bus"));
    await bus.exit();
    expect(told).toEqual(["start slow", "stop slow asked 0", "stop of the bus"]);
  });

  test("have a signal that aborts when the drain has no more time", async () => {
    const bus = new ProcessBus({ platform: inline(), deadlines: { drain: 100 } });
    await bus.start();
    const seen: string[] = [];
    const task = tasks(bus).run("endless", (_, signal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          seen.push(String((signal.reason as Error).message));
          resolve();
        });
      }));
    await bus.exit();
    await task;
    expect(seen).toEqual(["The time for drain is over"]);
  });

  test("are refused when nobody would wait for them", async () => {
    const { bus } = makeBus();
    await bus.start();
    await bus.exit();
    expect(() => tasks(bus).run("late", () => {})).toThrow(
      'Cannot run the task "late": the bus is in "exited", and waits for no more work',
    );
  });

  test.each<[title: string, make: (bus: ProcessBus) => unknown, message: string]>([
    ["an unknown option", (bus) => tasks(bus, { most: 3 } as object), 'unknown option "most"'],
    ["a name that is none", (bus) => tasks(bus).run("", () => {}), 'Cannot run a task: the name is ""'],
    ["a body that is none", (bus) => tasks(bus).run("a", 3 as never), 'Cannot run the task "a": "body" is 3'],
    ["something to make that is no function", () => perTask(3 as never), '"make" is 3, expected a function'],
  ])("refuse %s", (_title, make, message) => {
    expect(() => make(new ProcessBus({ platform: inline() }))).toThrow(message);
  });
});

describe("perTask()", () => {
  test("makes one value a task, however often it is asked for, and disposes of it at its end", async () => {
    const { bus } = makeBus();
    await bus.start();
    const seen: string[] = [];
    const first = perTask(({ name }) => `first of ${name}`, (value) => void seen.push(`end of ${value}`));
    const second = perTask(({ name }) => ({
      name,
      [Symbol.dispose]: () => void seen.push(`end of second of ${name}`),
    }));
    const work = tasks(bus);
    const body = async () => {
      const [a, b] = await Promise.all([first.get(), first.get()]);
      expect(a).toBe(b);
      await second.get();
      seen.push(a);
    };
    await work.run("a", body);
    await work.run("b", body);
    expect(seen).toEqual([
      "first of a",
      "end of second of a",
      "end of first of a",
      "first of b",
      "end of second of b",
      "end of first of b",
    ]);
    await bus.exit();
  });

  test("tells a failure to those who asked, and tries again", async () => {
    const { bus } = makeBus();
    await bus.start();
    let times = 0;
    const value = perTask(() => {
      if (++times === 1) throw new Error("not yet");
      return times;
    });
    await tasks(bus).run("a", async () => {
      await expect(value.get()).rejects.toThrow("not yet");
      expect(await value.get()).toBe(2);
    });
    await bus.exit();
  });

  test("logs what cannot be disposed of, and the task has its result", async () => {
    const { bus } = makeBus();
    const logs: string[] = [];
    bus.subscribe("log", ({ level, message }) => void (level === "error" && logs.push(message)));
    await bus.start();
    const value = perTask(() => 1, () => {
      throw new Error("stuck");
    });
    expect(await tasks(bus).run("a", () => value.get())).toBe(1);
    expect(logs).toEqual(['Cannot dispose of what the task "a" made: stuck']);
    await bus.exit();
  });

  test("refuses to be asked where no task runs", async () => {
    await expect(perTask(() => 1).get()).rejects.toThrow("Cannot get a value per task: no task runs here");
  });
});
