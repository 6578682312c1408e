import { describe, expect, test } from "vitest";
import { type Component, inline, type Needs, ProcessBus, TraitError, type Traits } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";

describe("inline", () => {
  test("is a platform that a whole life can be lived on", async () => {
    const bus = new ProcessBus({ platform: inline() });
    const code = bus.run();
    await bus.wait("run");
    await bus.exit(3);
    expect(await code).toBe(3);
  });

  test("keeps time by the web's timers", async () => {
    const { clock } = inline();
    const began = clock.now();
    await new Promise<void>((resolve) => clock.setTimer(1, resolve));
    expect(clock.now()).toBeGreaterThan(began);
    const undo = clock.setTimer(1, () => expect.fail("was undone"));
    undo();
    await new Promise<void>((resolve) => clock.setTimer(2, resolve));
    expect(clock.time()).toBeGreaterThan(1_700_000_000_000);
  });

  test("takes another clock", async () => {
    const { clock } = testing();
    const bus = new ProcessBus({ platform: inline({ clock }) });
    bus.subscribe("start", (phase) => phase.delay(60_000 - 40_000));
    const started = bus.start();
    await clock.advance(20_000);
    await started;
    expect(bus.state).toBe("run");
  });

  test("keeps a timer while it waits, however long, and lets go of it at the end", async () => {
    const { clock } = testing();
    const bus = new ProcessBus({ platform: inline({ clock }) });
    const code = bus.block();
    expect(clock.pending).toBe(1);
    await clock.advance(2 ** 31);
    expect(clock.pending).toBe(1);
    bus.exit();
    await code;
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  test("cannot respawn", async () => {
    const bus = new ProcessBus({ platform: inline() });
    await expect(bus.restart()).rejects.toBeInstanceOf(TraitError);
  });

  test("reports on the console what no log listener took", () => {
    const lines: unknown[][] = [];
    const { error } = console;
    console.error = (...data: unknown[]) => void lines.push(data);
    try {
      const bus = new ProcessBus({ platform: inline() });
      bus.log("careful", { level: "warn" });
      bus.log("broken", { level: "error", error: new Error("disk full") });
      bus.log("by the way");
    } finally {
      console.error = error;
    }
    expect(lines).toEqual([["warn: careful"], ["error: broken", "disk full"]]);
  });

  test("is one long process that may do anything, unless told otherwise", () => {
    const traits: Traits = {
      lifetime: "long",
      concurrency: "many",
      instances: "one",
      background: "runs",
      ioOutsideRequests: true,
      notice: "none",
    };
    expect(inline().traits).toEqual(traits);
    expect(inline({ traits: { lifetime: "once" } }).traits).toEqual({ ...traits, lifetime: "once" });
  });
});

describe("needs", () => {
  const notice = { kind: "SIGTERM", graceMs: 10_000 };
  const traits: Partial<Traits> = { lifetime: "serial", ioOutsideRequests: false, notice };

  test.each<Needs>([
    {},
    { lifetime: "serial" },
    { lifetime: ["long", "serial"], ioOutsideRequests: false },
    { noticeMs: 10_000 },
  ])("%j are met", (needs) => {
    expect(() => new ProcessBus({ platform: inline({ traits }), needs })).not.toThrow();
    expect(() => new ProcessBus({ platform: inline({ traits }) }).use({ name: "db", needs })).not.toThrow();
  });

  test.each<[Needs, string, string]>([
    [{ lifetime: "long" }, "lifetime", 'it needs "lifetime" to be "long", the platform has "serial"'],
    [{ lifetime: ["long", "once"] }, "lifetime", 'to be "long" or "once", the platform has "serial"'],
    [{ ioOutsideRequests: true }, "ioOutsideRequests", "to be true, the platform has false"],
    [{ noticeMs: 10_001 }, "noticeMs", "to be 10001, the platform has 10000"],
  ])("%j are refused, naming the field", (needs, field, message) => {
    const refused = [
      () => new ProcessBus({ platform: inline({ traits }), needs }),
      () => new ProcessBus({ platform: inline({ traits }) }).use({ name: "db", needs } as Component),
    ];
    for (const make of refused) {
      expect(make).toThrow(TraitError);
      expect(make).toThrow(message);
      try {
        make();
      } catch (error) {
        expect(error).toMatchObject({ name: "TraitError", field });
      }
    }
  });

  test("for a notice are not met where there is none", () => {
    expect(() => new ProcessBus({ platform: inline(), needs: { noticeMs: 1 } })).toThrow(
      'the platform has "none"',
    );
  });

  test.each([{ lifetme: "long" }, { notice: "none" }, { noticeMs: "1s" }, { noticeMs: -1 }])(
    "%j make no sense",
    (needs) => {
      expect(() => new ProcessBus({ platform: inline({ traits }), needs: needs as never })).toThrow();
    },
  );
});

describe("a process bus is refused", () => {
  test.each([
    [undefined, "Cannot make the process bus"],
    [{}, "Cannot make the process bus: the platform is undefined, expected one such as posix()"],
    [{ platform: "posix" }, 'the platform is "posix"'],
    [{ platform: {} }, '"attach" is undefined, expected a function'],
    [{ platform: { ...inline(), leave: undefined } }, '"leave" is undefined, expected a function'],
    [{ platform: { ...inline(), clock: undefined } }, '"clock.time" is undefined'],
    [{ platform: { ...inline(), traits: undefined } }, '"traits" is undefined'],
    [{ platform: inline(), nmae: "site" }, 'unknown option "nmae"'],
    [{ platform: inline(), name: 7 }, "the name is 7"],
    [
      { platform: inline(), onStartFailure: "retry" },
      '"onStartFailure" is "retry", expected "exit" or "idle"',
    ],
  ])("with %o", (options, message) => {
    expect(() => new ProcessBus(options as never)).toThrow(TypeError);
    expect(() => new ProcessBus(options as never)).toThrow(message);
  });
});
