import { describe, expect, test } from "vitest";
import { fail, gate, LIFE, outcome, testBus } from "./_test_bus.ts";

describe("failures", () => {
  test.each(
    [
      ["enter", "enter stop_error exit exited"],
      ["idle", "enter idle stop_error exit exited"],
      ["start", "enter idle start start_error drain stop idle exit exited"],
      ["run", "enter idle start run start_error drain stop idle exit exited"],
    ] as const,
  )("in %s end the bus by way of its error state", async (state, path) => {
    const life = testBus();
    life.bus.subscribe(state, fail("broken"), { name: "part" });
    await expect(life.settle(life.bus.start())).rejects.toMatchObject({
      failures: [{ channel: state, listener: "part", kind: "throw" }],
    });
    expect([life.path(), life.bus.settled]).toEqual([path, true]);
    expect(life.platform.exits).toMatchObject([{ code: 70 }]);
  });

  test.each(
    [
      ["drain", LIFE],
      ["stop", "enter idle start run drain stop stop_error exit exited"],
      ["exit", LIFE.replace("exited", "exit_error exited")],
      ["exited", LIFE],
    ] as const,
  )("in %s on the way out are told, and the bus goes on to exited", async (state, path) => {
    const life = testBus();
    life.bus.subscribe(state, fail("broken"), { name: "part" });
    await life.settle(life.bus.start());
    await expect(life.settle(life.bus.exit())).rejects.toMatchObject({ failures: [{ channel: state }] });
    expect(life.path()).toBe(path);
    expect(life.platform.exits).toMatchObject([{ code: 70 }]);
  });

  test.each(
    [["start", "start_error"], ["stop", "stop_error"], ["exit", "exit_error"]] as const,
  )("in the error state after %s are added to its own", async (state, errorState) => {
    const { bus, settle } = testBus();
    bus.subscribe(state, fail("one"));
    bus.subscribe(errorState, fail("two"));
    const started = settle(bus.start());
    const ended = state === "start" ? started : started.then(() => settle(bus.exit()));
    await expect(ended).rejects.toMatchObject({ failures: [{ channel: state }, { channel: errorState }] });
    expect(bus.state).toBe("exited");
  });

  test("of a start and of its rollback are one error, once the bus is at rest", async () => {
    const { bus, platform, settle } = testBus();
    const stopping = gate();
    bus.subscribe("start", fail("one"));
    bus.subscribe("stop", () => stopping.promise);
    bus.subscribe("stop", fail("two"));
    const started = bus.start();
    expect(await outcome(platform, started)).toBe("pending");
    stopping.open();
    await expect(settle(started)).rejects.toMatchObject({
      failures: [{ channel: "start" }, { channel: "stop" }],
    });
    expect(bus.state).toBe("exited");
  });

  test("end the round in enter and start, and in no other state", async () => {
    const { bus, settle, did, note } = testBus({ onStartFailure: "idle" });
    for (const state of ["start", "drain", "stop", "exit"] as const) {
      bus.subscribe(state, fail("broken"), { name: "first" });
      bus.subscribe(state, note(state));
    }
    await settle(bus.start()).catch(() => {});
    await settle(bus.exit()).catch(() => {});
    expect(did).toEqual(["drain", "stop", "exit"]);
    const other = testBus();
    other.bus.subscribe("enter", fail("broken"));
    other.bus.subscribe("enter", other.note("enter"));
    await other.settle(other.bus.start()).catch(() => {});
    expect(other.did).toEqual([]);
  });

  test("of a start leave the bus at idle where that is asked for, and it may start again", async () => {
    const { bus, settle, path } = testBus({ onStartFailure: "idle" });
    bus.subscribe("start", fail("not yet"), { once: true });
    await expect(settle(bus.start())).rejects.toMatchObject({ name: "ChannelFailures" });
    expect([bus.state, bus.settled]).toEqual(["idle", true]);
    await settle(bus.start());
    expect(path()).toBe("enter idle start start_error drain stop idle start run");
  });

  test("of attach are failures of enter, and leave follows", async () => {
    const { bus, platform, settle, path } = testBus({ host: { attach: fail("no signals") } });
    await expect(settle(bus.start())).rejects.toMatchObject({
      failures: [{ channel: "enter", listener: "attach" }],
    });
    expect(path()).toBe("enter stop_error exit exited");
    expect(platform.exits).toMatchObject([{ code: 70 }]);
  });

  test("are logged, so that every promise may be dropped", async () => {
    const { bus, platform, logged } = testBus();
    bus.subscribe("start", fail("broken"), { name: "part" });
    void bus.start();
    void bus.graceful();
    void bus.reload();
    void bus.wait("run");
    await platform.flush();
    expect(logged(/"part" on "start" failed: broken/)).toBe(1);
  });
});
