import { describe, expect, test } from "vitest";
import { drawingOn } from "../../cli/terminal.ts";
import { printLog } from "../../cli/print_log.ts";
import { type Component, ProcessBus } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { fakeTerminal } from "./_screen.ts";

const never = () => new Promise<never>(() => {});

/** A bus on virtual time whose terminal has the same. */
function program(components: readonly Component<unknown>[], { rows = 20 } = {}) {
  const platform = testing();
  const terminal = fakeTerminal({ columns: 100, rows, clock: platform.clock });
  const bus = new ProcessBus({
    name: "sitebus",
    platform,
    deadlines: { start: 30_000, drain: 10_000, stop: 5_000 },
  });
  for (const component of components) bus.use(component);
  const http = { name: "http", value: { inFlight: 2 } };
  printLog(bus, { terminal, write: (text) => terminal.write(text), http });
  const lines = () =>
    terminal.screen.lines.filter((line) => line !== "").map((line) => line.replace("sitebus: ", ""));
  return { bus, platform, terminal, lines };
}

const ready = expect.stringMatching(/^ready in \d+ ms$/);

describe("the log on a terminal", () => {
  test("shows what starts, and for how long, until it is up for good", async () => {
    const { bus, platform, lines } = program([
      { name: "db", start: (phase) => phase.delay(1500) },
      { name: "mail", dependsOn: ["db"], start: (phase) => phase.delay(500) },
    ]);
    const run = bus.run();
    await platform.clock.advance(50);
    expect(lines()).toEqual([]);
    await platform.clock.advance(50);
    expect(lines()).toEqual(["db is starting, 0.1 s", "mail waits for db", "30 s left to start"]);
    await platform.clock.advance(1150);
    expect(lines()).toEqual(["db is starting, 1.2 s", "mail waits for db", "29 s left to start"]);
    await platform.clock.advance(400);
    expect(lines()).toEqual(["db is up in 1500 ms", "mail is starting, 0.1 s", "29 s left to start"]);
    await platform.clock.advance(400);
    expect(lines()).toEqual(["db is up in 1500 ms", "mail is up in 500 ms", ready]);
    platform.deliver("SIGTERM");
    await platform.settle(run);
  });

  test("shows what stops, what waits for it, and what is left of the time", async () => {
    const { bus, platform, lines } = program([
      { name: "db", stop: (_, phase) => phase.delay(700) },
      {
        name: "http",
        dependsOn: ["db"],
        drain: (_, phase) => phase.delay(3000),
        stop: (_, phase) => phase.delay(300),
      },
    ]);
    const run = bus.run();
    await platform.flush();
    const up = ["db is up in 0 ms", "http is up in 0 ms", ready];
    expect(lines()).toEqual(up);
    platform.deliver("SIGINT");
    await platform.clock.advance(1200);
    const stopping = "SIGINT: stopping";
    expect(lines()).toEqual([
      ...[...up, stopping],
      "http is draining, 2 requests in flight, 1.2 s",
      "9 s left to drain; Ctrl-C ends it at once",
    ]);
    await platform.clock.advance(2000);
    expect(lines()).toEqual([
      ...[...up, stopping],
      "http is stopping, 0.2 s",
      "db waits for http",
      "5 s left to stop; Ctrl-C ends it at once",
    ]);
    expect(await platform.settle(run)).toBe(0);
    expect(lines()).toEqual([
      ...[...up, stopping],
      "http is stopped in 300 ms",
      "db is stopped in 700 ms",
      expect.stringMatching(/^stopped in \d+ ms, exit code 0$/),
    ]);
  });

  test("says who was late when a second signal ends it", async () => {
    const { bus, platform, lines } = program([{ name: "db", drain: never }, { name: "cache" }]);
    const run = bus.run();
    await platform.flush();
    platform.deliver("SIGINT");
    await platform.clock.advance(1000);
    platform.deliver("SIGINT");
    expect(await platform.settle(run)).toBe(130);
    expect(lines().slice(4)).toEqual([
      'SIGINT again: ended at once; cut "db" on "drain" after 1.0 s',
      expect.stringMatching(/^stopped in \d+ ms, exit code 130$/),
    ]);
  });

  test("says at once that a start is given up", async () => {
    const { bus, platform, lines } = program([{ name: "db", start: never }, {
      name: "http",
      dependsOn: "all",
    }]);
    const run = bus.run();
    await platform.clock.advance(1000);
    platform.deliver("SIGINT");
    await platform.clock.advance(200);
    expect(lines()).toEqual([
      "SIGINT: stopping",
      "db is starting, 1.2 s",
      "http waits for db",
      "the start is given up in 5 s at most; Ctrl-C ends it at once",
    ]);
    await platform.clock.advance(500);
    platform.deliver("SIGINT");
    expect(await platform.settle(run)).toBe(130);
    expect(lines().filter((line) => line.includes("stopping"))).toHaveLength(1);
  });

  test("names what still runs when its time is over", async () => {
    const { bus, platform, lines } = program([
      { name: "queue", drain: never },
      { name: "db", stop: (_, phase) => phase.delay(1000) },
    ]);
    const run = bus.run();
    await platform.flush();
    platform.deliver("SIGTERM");
    await platform.clock.advance(10_500);
    expect(lines().slice(-5)).toEqual([
      "error: queue did not drain: it still runs after 10000 ms",
      "queue is stopped in 0 ms",
      "queue is still draining, 10.5 s",
      "db is stopping, 0.5 s",
      "5 s left to stop; Ctrl-C ends it at once",
    ]);
    await platform.settle(run);
    expect(lines().at(-1)).toContain('while "queue" on "drain" still runs');
  });

  test("takes no more lines than there is room for", async () => {
    const many = Array.from(
      { length: 30 },
      (_, i): Component => ({ name: `c${i}`, start: (phase) => phase.delay(200) }),
    );
    const { bus, platform, lines } = program(many, { rows: 8 });
    const run = bus.run();
    await platform.clock.advance(100);
    expect(lines()).toEqual([
      ...["c0", "c1", "c2", "c3"].map((name) => `${name} is starting, 0.1 s`),
      "and 26 more",
      "30 s left to start",
    ]);
    await platform.clock.advance(100);
    expect(lines()).toHaveLength(31);
    platform.deliver("SIGTERM");
    await platform.settle(run);
  });

  test("sets no timer and watches nobody while nothing is pending", async () => {
    const { bus, platform, terminal } = program([{ name: "db", start: (phase) => phase.delay(500) }]);
    const run = bus.run();
    await platform.clock.advance(200);
    expect(terminal.watches).toBe(true);
    await platform.clock.advance(300);
    expect([terminal.watches, platform.clock.pending]).toEqual([false, 0]);
    platform.deliver("SIGTERM");
    await platform.settle(run);
    expect([terminal.watches, platform.clock.pending]).toEqual([false, 0]);
  });

  test("keeps what the application prints in its place", async () => {
    const { bus, platform, terminal, lines } = program([{ name: "db", start: (phase) => phase.delay(500) }]);
    const run = bus.run();
    await platform.clock.advance(200);
    terminal.print("hello\n");
    expect(lines()).toEqual(["hello", "db is starting, 0.2 s", "30 s left to start"]);
    await platform.clock.advance(300);
    expect(lines()).toEqual(["hello", "db is up in 500 ms", ready]);
    platform.deliver("SIGTERM");
    await platform.settle(run);
  });

  test("lets no name steer the terminal", async () => {
    const { bus, platform, lines } = program([{ name: "d\x1b[2Jb\n", start: (phase) => phase.delay(500) }]);
    const run = bus.run();
    await platform.clock.advance(200);
    expect(lines()[0]).toBe("db is starting, 0.2 s");
    platform.deliver("SIGTERM");
    await platform.settle(run);
  });

  test("prints over the ^C that the terminal has shown", async () => {
    const { bus, platform, terminal, lines } = program([{ name: "db", start: (phase) => phase.delay(500) }]);
    const run = bus.run();
    await platform.clock.advance(200);
    terminal.screen.write("^C");
    platform.deliver("SIGINT");
    await platform.settle(run);
    expect(lines().join("\n")).not.toContain("^C");
    expect(lines()[0]).toBe("SIGINT: stopping");
  });
});

test.each([
  [{ isTerminal: true, term: "xterm", noColor: undefined }, { live: true, colour: true }],
  [{ isTerminal: true, term: "xterm", noColor: "" }, { live: true, colour: true }],
  [{ isTerminal: true, term: "xterm", noColor: "1" }, { live: true, colour: false }],
  [{ isTerminal: true, term: "dumb", noColor: undefined }, { live: false, colour: false }],
  [{ isTerminal: true, term: undefined, noColor: undefined }, { live: false, colour: false }],
  [{ isTerminal: false, term: "xterm", noColor: undefined }, { live: false, colour: false }],
])("of %j comes %j", (facts, expected) => {
  expect(drawingOn(facts)).toEqual(expected);
});
