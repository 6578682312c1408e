import { describe, expect, test } from "vitest";
import { inline, ProcessBus, shareBus, sharedBus } from "../../mod.ts";

function makeBus(name: string): ProcessBus {
  return new ProcessBus({ platform: inline(), name });
}

describe("shareBus", () => {
  test("shows the bus to those who ask, until it is disposed of", () => {
    expect(sharedBus()).toBe(undefined);
    const bus = makeBus("site");
    const shared = shareBus(bus);
    expect(sharedBus()).toBe(bus);
    shared[Symbol.dispose]();
    expect(sharedBus()).toBe(undefined);
  });

  test("puts it where another copy of the package finds it", () => {
    const bus = makeBus("site");
    const shared = shareBus(bus);
    expect((globalThis as Record<symbol, unknown>)[Symbol.for("sitebus")]).toBe(bus);
    shared[Symbol.dispose]();
    expect(Symbol.for("sitebus") in globalThis).toBe(false);
  });

  test("refuses a second bus, naming both", () => {
    const shared = shareBus(makeBus("one"));
    expect(() => shareBus(makeBus("two"))).toThrow(
      'Cannot share the bus "two": the bus "one" is shared already',
    );
    shared[Symbol.dispose]();
  });

  test("may be called again for the same bus", () => {
    const bus = makeBus("site");
    const shared = [shareBus(bus), shareBus(bus)];
    expect(sharedBus()).toBe(bus);
    for (const one of shared) one[Symbol.dispose]();
  });

  test("takes away no other bus by an old disposal", () => {
    const old = shareBus(makeBus("old"));
    old[Symbol.dispose]();
    const bus = makeBus("new");
    const shared = shareBus(bus);
    old[Symbol.dispose]();
    expect(sharedBus()).toBe(bus);
    shared[Symbol.dispose]();
  });
});

test("nothing is shared by making a bus", () => {
  makeBus("site");
  expect(sharedBus()).toBe(undefined);
});
