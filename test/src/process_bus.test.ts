import { describe, expect, test } from "vitest";
import { type Phase, ProcessBus, type State } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { gate, hang, LIFE, outcome, testBus } from "./_test_bus.ts";

describe("a life", () => {
  test("begins in initial, settled, and touches no platform", () => {
    const { bus, platform } = testBus();
    expect([bus.state, bus.settled]).toEqual(["initial", true]);
    expect([platform.control, platform.clock.pending]).toEqual([undefined, 0]);
  });

  test("goes through its states in order, and each settles before the next is entered", async () => {
    const { bus, platform, settle } = testBus();
    await settle(bus.start());
    await settle(bus.exit());
    const pulses = platform.pulses.map(({ state, settled }) => `${state}${settled ? "." : ""}`);
    expect(pulses.join(" ")).toBe(LIFE.replaceAll(/\w+/g, "$& $&."));
  });

  test("calls the listeners of each state when it is entered", async () => {
    const { bus, settle, did, note } = testBus();
    for (const state of new Set(LIFE.split(" ") as State[])) bus.subscribe(state as "run", note(state));
    await settle(bus.start());
    await settle(bus.exit());
    expect(did.join(" ")).toBe(LIFE);
  });

  test("tells each listener the state, the one before, and the reason", async () => {
    const { bus, settle } = testBus();
    const phases: Phase[] = [];
    bus.subscribe("start", (phase) => void phases.push(phase));
    bus.subscribe("drain", (phase) => void phases.push(phase));
    await settle(bus.start());
    await settle(bus.exit(3));
    expect(phases).toMatchObject([
      { state: "start", from: "idle", reason: { by: "call" } },
      { state: "drain", from: "run", reason: { by: "call", code: 3 } },
    ]);
  });

  test("is not settled while the listeners of a state run", async () => {
    const { bus, platform } = testBus();
    const ready = gate();
    bus.subscribe("run", () => ready.promise);
    bus.start();
    await platform.flush();
    expect([bus.state, bus.settled]).toEqual(["run", false]);
    ready.open();
    await platform.flush();
    expect([bus.state, bus.settled]).toEqual(["run", true]);
  });

  test("may run, stop and run again as often as is wanted", async () => {
    const { bus, settle, path, did, note } = testBus();
    bus.subscribe("start", note("start"));
    bus.subscribe("stop", note("stop"));
    for (let i = 0; i < 3; i++) {
      await settle(bus.start());
      await settle(bus.stop());
    }
    expect(did.join(" ")).toBe("start stop start stop start stop");
    expect(path()).toBe(
      "enter idle start run drain stop idle start run drain stop idle start run drain stop idle",
    );
  });

  test("leaves no timer, and leaves its platform once", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("start", (phase) => phase.delay(10), { within: 100 });
    bus.subscribe("stop", (phase) => phase.delay(10));
    await settle(bus.start());
    await settle(bus.exit());
    expect(platform.left(bus)).toMatchObject({ clean: true });
    expect(platform.exits).toEqual([{ code: 0, forced: false, leftMs: 5000 }]);
  });
});

describe("calls", () => {
  test("start() resolves when the listeners of run are done, and does nothing in run", async () => {
    const { bus, platform, settle, path } = testBus();
    const ready = gate();
    bus.subscribe("run", () => ready.promise);
    const started = bus.start();
    expect(await outcome(platform, started)).toBe("pending");
    ready.open();
    await settle(started);
    await settle(bus.start());
    expect(path()).toBe("enter idle start run");
  });

  test("stop() before any start resolves and enters nothing", async () => {
    const { bus, settle, path } = testBus();
    await settle(bus.stop());
    expect([bus.state, path()]).toEqual(["initial", ""]);
  });

  test("exit() from initial passes enter and idle, and starts nothing", async () => {
    const { bus, settle, path, did, note } = testBus();
    bus.use({ name: "db", start: note("start"), stop: note("stop") });
    await settle(bus.exit());
    expect([path(), did]).toEqual(["enter idle exit exited", []]);
  });

  test("exit() in exited resolves, and enters nothing", async () => {
    const { bus, settle, path } = testBus();
    await settle(bus.exit());
    await settle(bus.exit(9));
    expect(path()).toBe("enter idle exit exited");
  });

  test("each has a promise of its own", () => {
    const { bus } = testBus();
    expect(bus.start()).not.toBe(bus.start());
    expect(bus.exit()).not.toBe(bus.exit());
  });

  test.each(["start", "stop", "graceful", "reload"] as const)("%s() rejects after exited", async (call) => {
    const { bus, settle } = testBus();
    await settle(bus.exit());
    await expect(bus[call]()).rejects.toMatchObject({
      name: "TransitionError",
      kind: "exited",
      state: "exited",
    });
    expect(bus.state).toBe("exited");
  });

  test("use() throws after exited", async () => {
    const { bus, settle } = testBus();
    await settle(bus.exit());
    expect(() => bus.use({ name: "db" })).toThrow("the bus has exited");
  });
});

describe("running", () => {
  test("aborts when drain begins, before its listeners", async () => {
    const { bus, settle, did } = testBus();
    await settle(bus.start());
    const { running } = bus;
    expect(running.aborted).toBe(false);
    bus.subscribe("drain", () => void did.push(`aborted: ${running.aborted}`));
    await settle(bus.stop());
    expect(did).toEqual(["aborted: true"]);
    expect(running.reason).toMatchObject({ name: "AbortError" });
    expect([bus.state, bus.running.aborted]).toEqual(["idle", true]);
  });

  test("is a new one with each start, there for its listeners", async () => {
    const { bus, settle } = testBus();
    const seen = new Set<unknown>();
    bus.subscribe("start", () => void (bus.running.aborted || seen.add(bus.running)));
    await settle(bus.start());
    await settle(bus.graceful());
    expect(seen.size).toBe(2);
  });

  test("aborts where a start fails", async () => {
    const { bus, settle } = testBus({ onStartFailure: "idle" });
    let running: { readonly aborted: boolean } | undefined;
    bus.subscribe("start", () => {
      running = bus.running;
      throw new Error("broken");
    });
    await settle(bus.start()).catch(() => {});
    expect(running?.aborted).toBe(true);
  });
});

describe("hold", () => {
  test("keeps drain open until the promise settles, and returns it", async () => {
    const { bus, platform, settle } = testBus();
    await settle(bus.start());
    const request = gate<string>();
    const held = bus.hold(request.promise);
    bus.stop();
    await platform.clock.advance(100);
    expect(bus.state).toBe("drain");
    request.open("done");
    await platform.flush();
    expect([bus.state, await held]).toEqual(["idle", "done"]);
  });

  test("keeps it open for what is held while it drains, too", async () => {
    const { bus, platform, settle } = testBus();
    await settle(bus.start());
    const [one, two] = [gate(), gate()];
    bus.hold(one.promise.then(() => void bus.hold(two.promise)));
    bus.stop();
    one.open();
    await platform.flush();
    expect(bus.state).toBe("drain");
    two.open();
    await platform.flush();
    expect(bus.state).toBe("idle");
  });

  test("logs a rejection, which fails no drain", async () => {
    const { bus, settle, logged } = testBus();
    await settle(bus.start());
    bus.hold(Promise.reject(new Error("hung up"))).catch(() => {});
    await settle(bus.stop());
    expect(logged(/^The held promise "promise" has failed: hung up$/)).toBe(1);
  });

  test("goes on without a promise that outlasts the drain's deadline", async () => {
    const { bus, settle, platform } = testBus({ deadlines: { drain: 200 } });
    await settle(bus.start());
    bus.hold(hang());
    await expect(settle(bus.exit())).rejects.toMatchObject({
      failures: [{ channel: "drain", listener: "hold", kind: "timeout" }],
    });
    expect(platform.clock.now()).toBe(200);
  });

  test.each([undefined, null, 7, {}])("refuses %o, which is no promise", (value) => {
    expect(() => testBus().bus.hold(value as never)).toThrow(TypeError);
  });
});

describe("context", () => {
  test("two buses in one program do not know of each other", async () => {
    const [one, two] = [testBus(), testBus()];
    await one.settle(one.bus.start());
    expect(two.bus.state).toBe("initial");
    await one.settle(one.bus.exit());
    await two.settle(two.bus.start());
    expect([one.bus.state, two.bus.state]).toEqual(["exited", "run"]);
  });

  test("a platform is for one bus", () => {
    const platform = testing();
    new ProcessBus({ platform });
    expect(() => new ProcessBus({ platform })).toThrow(
      'the platform "testing" has a bus already, make another',
    );
  });

  test("a bus that could not be made leaves the platform to another", () => {
    const platform = testing();
    expect(() => new ProcessBus({ platform, deadlines: { stop: NaN } })).toThrow(RangeError);
    expect(() => new ProcessBus({ platform })).not.toThrow();
  });
});
