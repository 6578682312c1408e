import { describe, expect, onTestFinished, test } from "vitest";
import { inline, type LogRecord, type Platform, ProcessBus } from "../../../mod.ts";
import { drain } from "../../../components/http/drain.ts";
import type { Wired } from "../../../components/http/wiring.ts";
import { testing } from "../../../platforms/testing.ts";

interface Made {
  readonly bus: ProcessBus;
  readonly records: readonly LogRecord[];
  /** What was done to the server, each with the bus's own time since the drain began. */
  readonly done: [what: string, at: number][];
  /** The server's last connection has ended. */
  closed(): void;
}

/** A server that closes when it is told to, and notes what is asked of it. */
async function make(
  options: {
    readonly platform?: Platform;
    readonly drainMs?: number;
    readonly lameDuckMs?: number;
    readonly inFlight?: number;
    readonly left?: number;
    readonly close?: () => Promise<void>;
    readonly finishStreams?: boolean;
  } = {},
): Promise<Made> {
  const {
    platform = inline(),
    drainMs = 10_000,
    lameDuckMs = 0,
    inFlight = 0,
    left = 0,
    finishStreams = false,
  } = options;
  const bus = new ProcessBus({ platform, deadlines: { drain: drainMs } });
  onTestFinished(() => bus.exit().catch(() => {}));
  const records: LogRecord[] = [];
  bus.subscribe("log", (record) => void records.push(record));
  const done: [string, number][] = [];
  let since = 0;
  const note = (what: string) => void done.push([what, Math.round(platform.clock.now() - since)]);
  let closed = () => {};
  const wired: Wired = {
    url: "http://localhost/",
    port: 1,
    inFlight: () => inFlight,
    announce: () => note("announce"),
    close() {
      note("close");
      return options.close?.() ?? new Promise((resolve) => closed = resolve);
    },
    endReconnecting: () => note("endReconnecting"),
    endStreams: () => note("endStreams"),
    cut() {
      note("cut");
      return left;
    },
  };
  bus.use({
    name: "http",
    start: () => {},
    drain(_, phase) {
      since = platform.clock.now();
      return drain(wired, phase, { name: "http", lameDuckMs, finishStreams });
    },
  });
  await bus.start();
  return { bus, records, done, closed: () => closed() };
}

/** What was done, each once: streams are told again and again. */
const names = ({ done }: Made) => [...new Set(done.map(([what]) => what))];

test("a server that closes by itself is only asked to close, and the log says that it is drained", async () => {
  const made = await make({ close: () => Promise.resolve() });
  await made.bus.stop();
  expect(names(made)).toEqual(["close", "endReconnecting"]);
  expect(made.records).toContainEqual(expect.objectContaining({
    level: "info",
    message: expect.stringMatching(/^Component "http" is drained after \d+ ms$/),
    event: "drained",
    component: "http",
    status: "drained",
    ms: expect.any(Number),
  }));
});

test("clients that connect again get a goodbye at once, others shortly before the end; remaining requests are cut and counted", async () => {
  const made = await make({ drainMs: 1000, inFlight: 3 });
  await made.bus.stop();
  expect(names(made)).toEqual(["close", "endReconnecting", "endStreams", "cut"]);
  const at = (what: string) => made.done.find(([name]) => name === what)?.[1] ?? 0;
  expect(at("endReconnecting")).toBeLessThan(100);
  expect(at("endStreams")).toBeGreaterThanOrEqual(795);
  expect(at("cut")).toBeGreaterThanOrEqual(895);
  expect(made.records).toContainEqual(expect.objectContaining({
    level: "warn",
    message: "http cut 3 requests at the end of its time",
    event: "cut",
    component: "http",
    requests: 3,
    cut: 3,
    left: 0,
  }));
});

test("with finishStreams no client gets a goodbye before the end is near", async () => {
  const made = await make({ drainMs: 1000, inFlight: 1, finishStreams: true });
  await made.bus.stop();
  expect(names(made)).toEqual(["close", "endStreams", "cut"]);
});

test("connections without a request are cut without a warning", async () => {
  const made = await make({ drainMs: 200 });
  await made.bus.stop();
  expect(made.records).toContainEqual(
    expect.objectContaining({
      level: "info",
      message: "http cut connections at the end of its time",
      requests: 0,
    }),
  );
});

test.for(
  [
    [1, "http cannot cut what is left at the end of its time: it ends with the process"],
    [3, "http cut 2 requests at the end of its time; what is left ends with the process"],
  ] as const,
)("of %i requests, one that cannot be cut is said to be left", async ([inFlight, message]) => {
  const made = await make({ drainMs: 200, inFlight, left: 1 });
  await made.bus.stop();
  expect(made.records).toContainEqual(
    expect.objectContaining({ level: "warn", message, requests: inFlight }),
  );
});

test("a drain without any time cuts the server at once", async () => {
  const made = await make({ drainMs: 0, lameDuckMs: 500, inFlight: 1 });
  await made.bus.stop();
  expect(names(made)).toEqual(["endStreams", "cut"]);
});

test("a server that cannot close is cut, and the failure is that of the component", async () => {
  const made = await make({ close: () => Promise.reject(new Error("no such server")) });
  await expect(made.bus.stop()).rejects.toThrow("no such server");
  expect(names(made)).toEqual(["close", "endReconnecting", "endStreams", "cut"]);
});

describe("the lame duck", () => {
  test("is over when its time is over, by the clock of the bus", async () => {
    const platform = testing();
    const made = await make({ platform, lameDuckMs: 3000, close: () => Promise.resolve() });
    await platform.settle(made.bus.stop());
    expect(made.done).toEqual([["announce", 0], ["close", 3000], ["endReconnecting", 3000]]);
  });

  test("leaves a quarter of the time, and says so", async () => {
    const platform = testing();
    const made = await make({ platform, lameDuckMs: 20_000, close: () => Promise.resolve() });
    await platform.settle(made.bus.stop());
    expect(made.done).toEqual([["announce", 0], ["close", 7500], ["endReconnecting", 7500]]);
    expect(made.records).toContainEqual(expect.objectContaining({
      level: "warn",
      event: "lame_duck",
      component: "http",
      ms: 7500,
      lameDuckMs: 20_000,
      message: "http is a lame duck for 7500 ms, not for 20000: the time for drain is too short",
    }));
  });

  test("is ended by a notice that leaves too little time", async () => {
    const platform = testing();
    const made = await make({ platform, lameDuckMs: 7000, close: () => Promise.resolve() });
    const stopped = made.bus.stop();
    await platform.clock.advance(2000);
    platform.notice(3000);
    await platform.settle(stopped);
    const [, [what, at] = ["", 0]] = made.done;
    expect(what).toBe("close");
    expect(at).toBeGreaterThanOrEqual(2000);
    expect(at).toBeLessThanOrEqual(2500);
  });

  test("is ended by a second signal, and all requests are cut", async () => {
    const platform = testing();
    const made = await make({ platform, lameDuckMs: 7000 });
    platform.deliver("SIGTERM");
    await platform.clock.advance(1000);
    platform.deliver("SIGTERM");
    await platform.settle(made.bus.block());
    expect(names(made)).toEqual(["announce", "endStreams", "cut"]);
  });
});
