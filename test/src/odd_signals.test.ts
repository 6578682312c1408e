import { describe, expect, test } from "vitest";
import { guest, type Signal } from "../../mod.ts";
import { outcome, testBus } from "./_test_bus.ts";

function throws(): never {
  throw new Error("odd");
}

const usable = {
  aborted: false,
  reason: undefined as unknown,
  throwIfAborted() {},
  addEventListener: (_: "abort", _listener: () => void) => {},
  removeEventListener: (_: "abort", _listener: () => void) => {},
};

/** Values that are no signals. */
const NO_SIGNALS: Readonly<Record<string, unknown>> = {
  "an empty object": {},
  "a text": "abort",
  "a signal that cannot be listened to": { ...usable, addEventListener: undefined },
  "a signal that cannot be let go of": { ...usable, removeEventListener: undefined },
};

/** Signals that fail when they are used. */
const ODD_SIGNALS: Readonly<Record<string, unknown>> = {
  "a signal that cannot be listened to": { ...usable, addEventListener: throws },
  "a signal whose state cannot be read": Object.defineProperty({ ...usable }, "aborted", { get: throws }),
};

/** A signal whose listener cannot be taken off, and whose reason cannot be read. */
function clinging(): { readonly signal: Signal; abort(): void } {
  const listeners = new Set<() => void>();
  const signal = {
    ...usable,
    addEventListener: (_: "abort", listener: () => void) => void listeners.add(listener),
    removeEventListener: throws,
    get reason() {
      return throws();
    },
  };
  return { signal: signal as unknown as Signal, abort: () => listeners.forEach((listener) => listener()) };
}

describe("what is no signal", () => {
  test.each(Object.entries(NO_SIGNALS))("is refused by name, and nothing is done: %s", async (_, value) => {
    const { bus, settle, did, note } = testBus();
    await settle(bus.start());
    const signal = value as Signal;
    const refused = /"signal" is .*, expected an AbortSignal/;
    expect(() => bus.subscribe("stop", note("stop"), { signal })).toThrow(refused);
    expect(() => guest(bus, "shop").subscribe("stop", note("stop"), { signal })).toThrow(refused);
    expect(() => bus.iterate("signal", { signal })).toThrow(refused);
    bus.subscribe("reload", note("reload"));
    expect(() => bus.reload(1, { signal })).toThrow(refused);
    await settle(bus.exit());
    expect(did).toEqual([]);
  });

  test.each([...Object.entries(NO_SIGNALS), ...Object.entries(ODD_SIGNALS)])(
    "makes a wait reject, which leaves no timer: %s",
    async (_, value) => {
      const { bus, platform } = testBus();
      const signal = value as Signal;
      if (typeof signal === "object" && "removeEventListener" in signal && !signal.removeEventListener) {
        return;
      }
      expect(await outcome(platform, bus.wait("exited", { signal, timeout: 60_000 }))).toBeInstanceOf(Error);
      const shop = guest(bus, "shop");
      expect(await outcome(platform, shop.wait("exited", { signal, timeout: 60_000 }))).toBeInstanceOf(Error);
      expect(platform.clock.pending).toBe(0);
    },
  );
});

describe("a signal whose listeners cannot be taken off", () => {
  test("leaves no rejection behind once a wait is over", async () => {
    const { bus, settle } = testBus();
    const running = [
      bus.wait("run", { signal: clinging().signal }),
      guest(bus, "shop").wait("run", { signal: clinging().signal }),
    ];
    await settle(bus.start());
    expect(await Promise.all(running)).toEqual(["run", "run"]);
  });

  test("stops no listener of its channel where it runs once", async () => {
    const { bus, settle, note, did } = testBus();
    bus.subscribe("stop", note("once"), { once: true, signal: clinging().signal });
    bus.subscribe("stop", note("the next one"));
    await settle(bus.start());
    await settle(bus.stop());
    expect(did).toEqual(["once", "the next one"]);
  });

  test("unsubscribes a listener, also from a publish that has listed it before", async () => {
    const { bus, settle, note, did } = testBus();
    const subscription = bus.subscribe("stop", note("stop"), { signal: clinging().signal });
    expect(subscription.unsubscribe()).toBe(true);
    await settle(bus.start());
    await settle(bus.stop());
    expect([did, bus.inspect().channels["stop"]]).toEqual([[], []]);
  });

  test("lets a reload come to its end", async () => {
    const { bus, settle } = testBus();
    await settle(bus.start());
    expect(await settle(bus.reload(1, { signal: clinging().signal }))).toBe(1);
  });

  test("gives a wait up for what reading its reason throws", async () => {
    const { bus, platform } = testBus();
    const { signal, abort } = clinging();
    const waiting = bus.wait("run", { signal });
    abort();
    expect(String(await outcome(platform, waiting))).toBe("Error: odd");
  });
});

describe("a getter that answers differently each time", () => {
  test("changes nothing of an option that was checked", async () => {
    const { bus, settle, path } = testBus();
    let reads = 0;
    const options = {
      get within() {
        return ++reads > 1 ? NaN : 100;
      },
    };
    bus.subscribe("stop", () => new Promise(() => {}), options);
    await settle(bus.start());
    await settle(bus.exit()).catch(() => {});
    expect(path()).toMatch(/exited$/);
  });
});
