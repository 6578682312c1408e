/**
 * What the ancestors of this bus promised (magicbus, and CherryPy's wspbus before it), and what they should have.
 * Signals, daemons, threads, the autoreloader and HTTP are tested with the platforms and components that have them.
 * Departed from, as docs/architecture.md has it: nothing is polled, a stop before any start enters nothing, graceful
 * stops and starts, and exited is final.
 * @module
 */
import { describe, expect, test } from "vitest";
import { Bus, type State } from "../../mod.ts";
import { fail, gate, hang, LIFE, outcome, testBus, work } from "./_test_bus.ts";

const STATES = "initial enter idle start run drain stop exit exited start_error stop_error exit_error".split(
  " ",
) as State[];

describe("magicbus", () => {
  test.each(
    [
      ["initial", "start", "enter idle start run"],
      ["initial", "graceful", "enter idle start run"],
      ["initial", "stop", ""],
      ["initial", "exit", "enter idle exit exited"],
      ["idle", "start", "start run"],
      ["idle", "graceful", "start run"],
      ["idle", "stop", ""],
      ["idle", "exit", "exit exited"],
      ["run", "start", ""],
      ["run", "graceful", "drain stop idle start run"],
      ["run", "stop", "drain stop idle"],
      ["run", "exit", "drain stop idle exit exited"],
      ["run", "restart", "drain stop idle exit exited"],
    ] as const,
  )("from %s, %s takes the shortest way there is", async (from, goal, way) => {
    const { bus, settle, path } = testBus({ host: { respawn: true } });
    if (from !== "initial") await settle(bus.start());
    if (from === "idle") await settle(bus.stop());
    const before = path();
    await settle(bus[goal]());
    expect(path().slice(before.length).trim()).toBe(way);
  });

  test("the states are these and no others", async () => {
    const { bus } = testBus();
    const isState = async (name: string) => {
      const error = await bus.wait(name as State, { timeout: 0, signal: AbortSignal.abort() }).catch((
        error,
      ) => error);
      return (error as { kind?: string }).kind !== "unknown";
    };
    expect(await Promise.all(STATES.map(isState))).toEqual(STATES.map(() => true));
    expect(await Promise.all(["log", "signal", "restart", "main", "FOO"].map(isState))).not.toContain(true);
  });

  test("every channel of a state calls its listeners by ascending priority", async () => {
    const { bus, settle, did, note } = testBus();
    const states = LIFE.split(" ").filter((state, i, all) => all.indexOf(state) === i) as "run"[];
    for (const state of states) {
      [100, 50, 0, 51].forEach((priority, index) =>
        bus.subscribe(state, note(`${state} ${index}`), { priority, once: true })
      );
    }
    await settle(bus.start());
    await settle(bus.exit());
    expect(did).toEqual(states.flatMap((state) => [2, 1, 3, 0].map((index) => `${state} ${index}`)));
  });

  test("a channel comes into being by its first use, with arguments and a default priority of 50", async () => {
    const bus = new Bus();
    [undefined, 10, 60, 40].forEach((priority, index) => {
      bus.subscribe("mine", (...args) => [index, ...args], priority === undefined ? {} : { priority });
    });
    expect(await bus.publish("mine", "a")).toEqual([[1, "a"], [3, "a"], [0, "a"], [2, "a"]]);
    expect(await bus.publish("mine")).toEqual([[1], [3], [0], [2]]);
    expect(await bus.publish("nobody's")).toEqual([]);
  });

  test.each(["idle", "run", "drain", "stop", "exit", "exited"] as const)(
    "a listener that throws in %s does not stop the next",
    async (state) => {
      const { bus, settle, did, note } = testBus();
      bus.subscribe(state, fail("broken"), { once: true });
      bus.subscribe(state, note("next"), { once: true });
      await settle(bus.start()).catch(() => {});
      await settle(bus.exit()).catch(() => {});
      expect(did).toEqual(["next"]);
    },
  );

  test("each goal calls the listeners of its states, and logs them in order", async () => {
    const { bus, settle, did, note, records } = testBus();
    for (const state of ["start", "stop", "exit"] as const) {
      for (const n of [1, 2]) bus.subscribe(state, note(`${state} ${n}`));
    }
    await settle(bus.start());
    expect([did, bus.state]).toEqual([["start 1", "start 2"], "run"]);
    await settle(bus.stop());
    expect([did.slice(2), bus.state]).toEqual([["stop 1", "stop 2"], "idle"]);
    await settle(bus.exit());
    expect([did.slice(4), bus.state]).toEqual([["exit 1", "exit 2"], "exited"]);
    const states = records.flatMap(({ event, state }) => event === "state" ? [state] : []);
    expect(states.join(" ")).toBe(LIFE);
  });

  test("an exit before any start goes to the end", async () => {
    const { bus, settle, did, note, path } = testBus();
    for (const state of STATES.slice(1)) bus.subscribe(state as "run", note(state));
    await settle(bus.exit());
    expect([path(), did.join(" ")]).toEqual(["enter idle exit exited", "enter idle exit exited"]);
  });

  test.each([["run"], ["idle"], [["start", "run"]], ["exited"]])(
    "wait(%j) ends when another task brings the state",
    async (states) => {
      const { bus, platform, settle } = testBus();
      const waiting = bus.wait(states as State);
      expect(await outcome(platform, waiting)).toBe("pending");
      platform.clock.setTimer(10, () => void bus.start());
      platform.clock.setTimer(20, () => void bus.exit());
      expect([states].flat()).toContain(await settle(waiting));
    },
  );

  test("block() ends with exited and after its work, and polls nothing meanwhile", async () => {
    const { bus, platform } = testBus();
    const last = gate();
    bus.subscribe("exited", () => last.promise);
    const code = bus.block();
    expect(platform.clock.pending).toBe(0);
    bus.exit();
    expect(await outcome(platform, code)).toBe("pending");
    last.open();
    expect(await outcome(platform, code)).toBe(0);
  });

  test("what waits for run is called after the listeners of run", async () => {
    const { bus, settle, did, note } = testBus();
    bus.subscribe("run", note("listener", (phase) => phase.delay(10)));
    const called = bus.wait("run").then((state) => did.push(`called in ${state}`));
    bus.start();
    await settle(called);
    expect(did).toEqual(["listener", "called in run"]);
  });

  test("messages reach the log verbatim and in order, with the error they tell of", () => {
    const { bus, records } = testBus();
    const error = new Error("broken");
    ["a", "%s {}", ""].forEach((message) => bus.log(message));
    bus.log("d", { level: "error", error });
    expect(records.map(({ message }) => message)).toEqual(["a", "%s {}", "", "d"]);
    expect(records.at(-1)).toMatchObject({ level: "error", error });
  });

  test("a server that fails while it runs takes the bus to its end, and ends block()", async () => {
    const { bus, settle } = testBus();
    const serving = gate();
    bus.use({ name: "http", run: () => serving.promise });
    const code = bus.run();
    await settle(bus.wait("run"));
    serving.fail(new Error("interrupted"));
    expect(await settle(code)).toBe(70);
    expect(bus.state).toBe("exited");
  });
});

describe("CherryPy", () => {
  test("stop before any start enters nothing", async () => {
    const { bus, settle, path } = testBus();
    await settle(bus.stop());
    expect(path()).toBe("");
  });

  test("graceful, from outside and from a listener, ends in run, each time", async () => {
    const { bus, settle, did, note } = testBus();
    bus.use({ name: "db", start: note("start"), stop: note("stop") });
    await settle(bus.start());
    await settle(bus.graceful());
    bus.subscribe("reload", () => void bus.graceful());
    bus.reload().catch(() => {});
    await settle(bus.wait("idle"));
    await settle(bus.wait("run"));
    expect([did.join(" "), bus.state]).toEqual(["start stop start stop start", "run"]);
  });

  test("a dependency is stopped by stop and runs by start, and an exit from within ends block()", async () => {
    const { bus, settle } = testBus();
    const db = bus.use({ name: "db" });
    const code = bus.run();
    await settle(bus.wait("run"));
    expect(db.status).toBe("up");
    await settle(bus.stop());
    expect(db.status).toBe("down");
    bus.subscribe("run", (phase) => phase.request("exit"));
    bus.start();
    expect(await settle(code)).toBe(0);
    expect(bus.state).toBe("exited");
  });

  test("a connection that is kept alive does not keep the bus from its end", async () => {
    const { bus, settle, platform } = testBus();
    const db = bus.use({ name: "db" });
    bus.use({ name: "http", dependsOn: "all", drain: hang });
    const code = bus.run();
    await settle(bus.wait("run"));
    bus.exit();
    expect(await settle(code)).toBe(70);
    expect([db.status, platform.clock.now()]).toEqual(["down", 10_000]);
  });

  test("a start listener that fails makes the exit code another than 0", async () => {
    const { bus, settle } = testBus();
    bus.subscribe("start", fail("broken"));
    expect(await settle(bus.run())).toBe(70);
  });
});

describe("what the ancestors lacked", () => {
  test("listeners of the same priority run in order of subscription", async () => {
    const bus = new Bus();
    for (const n of [4, 5, 2, 3, 0, 1]) bus.subscribe("mine", () => n);
    expect(await bus.publish("mine")).toEqual([4, 5, 2, 3, 0, 1]);
  });

  test("a failed start rejects, and makes the exit code another than 0", async () => {
    const { bus, settle } = testBus();
    const code = bus.block();
    bus.subscribe("start", fail("broken"));
    await expect(settle(bus.start())).rejects.toMatchObject({ name: "ChannelFailures" });
    expect(await settle(code)).toBe(70);
  });

  test("log listeners that fail stop no other listener", async () => {
    const { bus, settle, did, note } = testBus();
    bus.subscribe("log", fail("no paper"), { priority: 1 });
    bus.subscribe("log", fail("no ink"), { priority: 2 });
    bus.subscribe("run", note("run"));
    await settle(bus.start());
    expect([did, bus.state]).toEqual([["run"], "run"]);
  });

  test("wait and block end only when the listeners of that state are done", async () => {
    const { bus, settle, did, note } = testBus();
    for (const state of ["run", "exited"] as const) {
      bus.subscribe(state, (phase) => phase.delay(10).then(note(`${state} is done`)));
    }
    const ended = bus.run().then(() => did.push("block"));
    await settle(bus.wait("run").then(() => did.push("wait")));
    bus.exit();
    await settle(ended);
    expect(did).toEqual(["run is done", "wait", "exited is done", "block"]);
  });

  test("two exits at once run the stop listeners once", async () => {
    const { bus, settle, did, note } = testBus();
    bus.subscribe("stop", note("stop", (phase) => phase.delay(10)));
    await settle(bus.start());
    await settle(Promise.all([bus.exit(), bus.exit()]));
    expect(did).toEqual(["stop"]);
  });

  test("an exit during start aborts it, waits for it, and calls no later start listener", async () => {
    const { bus, settle, did, note, platform } = testBus();
    bus.subscribe("start", (phase) => work(phase).catch(note("aborted")).then(note("done")));
    bus.subscribe("start", note("later"));
    bus.subscribe("exit", note("exit"));
    bus.start();
    await platform.flush();
    await settle(bus.exit());
    expect(did).toEqual(["aborted", "done", "exit"]);
  });

  test.each(["start", "stop", "graceful", "restart", "reload"] as const)(
    "exited is never left, by %s either",
    async (call) => {
      const { bus, settle, path, platform } = testBus({ host: { respawn: true } });
      await settle(bus.exit());
      await expect(bus[call]()).rejects.toMatchObject({ name: "TransitionError", kind: "exited" });
      platform.control?.request(call, { by: "host" });
      await platform.flush();
      expect([bus.state, path(), platform.exits.length]).toEqual(["exited", "enter idle exit exited", 1]);
    },
  );

  test("an unknown state rejects", async () => {
    await expect(testBus().bus.wait("FOO" as State)).rejects.toMatchObject({
      kind: "unknown",
      target: "FOO",
    });
  });

  test("the way of a restart is taken exactly once", async () => {
    const { bus, settle, platform } = testBus({ host: { respawn: true } });
    await settle(bus.start());
    const code = bus.block();
    await settle(Promise.all([bus.restart(), bus.restart(), code]));
    expect(platform.respawns.length).toBe(1);
  });

  test("a listener that is taken off while its channel is published is not called any more", async () => {
    const bus = new Bus();
    const second = () => "second";
    bus.subscribe("mine", () => bus.unsubscribe("mine", second));
    bus.subscribe("mine", second);
    expect(await bus.publish("mine")).toEqual([true]);
  });

  test("work that fails in the background is seen: it is logged, and ends the bus", async () => {
    const { bus, platform, settle, logged } = testBus();
    bus.use({
      name: "monitor",
      run: () => new Promise((_, reject) => platform.clock.setTimer(60_000, () => reject(new Error("lost")))),
    });
    expect(await settle(bus.run())).toBe(70);
    expect(logged(/"monitor" on "run" failed: lost/)).toBe(1);
  });

  test("a second signal escalates", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("stop", hang);
    await settle(bus.start());
    platform.deliver("SIGTERM");
    await platform.clock.advance(1000);
    platform.deliver("SIGTERM");
    expect(await settle(bus.block())).toBe(143);
    expect(platform.clock.now()).toBe(1000);
  });

  test("a channel may be subscribed to before anybody publishes on it, and after", async () => {
    const bus = new Bus();
    bus.subscribe("mine", () => "early");
    await bus.publish("mine");
    bus.subscribe("mine", () => "late");
    expect(await bus.publish("mine")).toEqual(["early", "late"]);
  });
});
