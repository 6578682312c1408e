import { describe, expect, test } from "vitest";
import { Bus } from "../../mod.ts";
import { countedSignal, outcome, testBus } from "./_test_bus.ts";
import { testing } from "../../platforms/testing.ts";

describe("iterate", () => {
  test("gives the arguments of each publish, in order, however late they are asked for", async () => {
    const bus = new Bus<{ greet: [name: string, times: number] }>();
    const greetings = bus.iterate("greet");
    await bus.publish("greet", "Ann", 1);
    bus.publishSync("greet", "Bob", 2);
    expect(await greetings.next()).toEqual({ done: false, value: ["Ann", 1] });
    expect(await greetings.next()).toEqual({ done: false, value: ["Bob", 2] });
  });

  test("waits for what is published next", async () => {
    const bus = new Bus();
    const greetings = bus.iterate("greet");
    const [first, second] = [greetings.next(), greetings.next()];
    bus.publishSync("greet", 1);
    bus.publishSync("greet", 2);
    expect([(await first).value, (await second).value]).toEqual([[1], [2]]);
  });

  test("gives nothing of what was published before", async () => {
    const platform = testing();
    const bus = new Bus();
    bus.publishSync("greet", 1);
    expect(await outcome(platform, bus.iterate("greet").next())).toBe("pending");
  });

  test("leaves the channel when the loop is left", async () => {
    const bus = new Bus();
    const greetings = bus.iterate("greet");
    bus.publishSync("greet", 1);
    bus.publishSync("greet", 2);
    for await (const [greeting] of greetings) {
      expect(greeting).toBe(1);
      break;
    }
    expect(bus.inspect().channels["greet"]).toEqual([]);
    expect(await greetings.next()).toEqual({ done: true, value: undefined });
  });

  test("ends the wait for the next value when it is disposed of", async () => {
    const bus = new Bus();
    const greetings = bus.iterate("greet");
    const next = greetings.next();
    await greetings[Symbol.asyncDispose]();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(bus.inspect().channels["greet"]).toEqual([]);
  });

  test("ends when its signal aborts, after what was published before", async () => {
    const bus = new Bus();
    const controller = new AbortController();
    const greetings = bus.iterate("greet", { signal: controller.signal });
    bus.publishSync("greet", 1);
    controller.abort();
    bus.publishSync("greet", 2);
    expect((await greetings.next()).value).toEqual([1]);
    expect(await greetings.next()).toEqual({ done: true, value: undefined });
  });

  test("is over at once where its signal has aborted", async () => {
    const bus = new Bus();
    const controller = new AbortController();
    controller.abort();
    const greetings = bus.iterate("greet", { signal: controller.signal });
    bus.publishSync("greet", 1);
    expect(await greetings.next()).toEqual({ done: true, value: undefined });
    expect(bus.inspect().channels["greet"]).toEqual([]);
  });

  test("listens to its signal no more once it is left", async () => {
    const { signal, listeners } = countedSignal();
    const greetings = new Bus().iterate("greet", { signal });
    expect(listeners.size).toBe(1);
    await greetings.return?.();
    expect(listeners.size).toBe(0);
  });

  test("is another iterator each time that it is asked for", async () => {
    const bus = new Bus();
    const [one, other] = [bus.iterate("greet"), bus.iterate("greet")];
    bus.publishSync("greet", 1);
    expect([(await one.next()).value, (await other.next()).value]).toEqual([[1], [1]]);
  });

  test("follows a channel of the process bus", async () => {
    const { bus, settle, platform } = testBus();
    const signals = bus.iterate("signal");
    await settle(bus.start());
    platform.deliver("SIGUSR1");
    const { value } = await signals.next();
    expect(value).toEqual([{ by: "signal", name: "SIGUSR1" }]);
    await signals.return?.();
  });

  test.each([
    [{ sginal: undefined }, 'Cannot iterate over "greet": unknown option "sginal", expected one of signal'],
    [7, 'Cannot iterate over "greet": the options are 7, expected an object'],
  ])("refuses the options %j", (options, message) => {
    expect(() => new Bus().iterate("greet", options as never)).toThrow(new TypeError(message));
  });

  test("refuses a channel that has no name", () => {
    expect(() => new Bus().iterate("")).toThrow(
      'Cannot iterate over a channel: the name is "", expected a string',
    );
  });
});
