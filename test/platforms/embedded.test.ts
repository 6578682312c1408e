import process from "node:process";
import { MessageChannel } from "node:worker_threads";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { ProcessBus } from "../../mod.ts";
import { embedded, type Host } from "../../platforms/embedded.ts";
import { conformance, recordedControl } from "./conformance.ts";

const flags = {
  signals: "a host drives it by calls",
  exitCode: "the exit code is the host's to use",
  exclusive: "any number of them live in one process",
  respawns: "its host starts the successor",
  notices: true,
  context: true,
} as const;

conformance("embedded", () => {
  const platform = embedded({ report: () => {} });
  return { platform, notice: platform.host.notice };
}, { ...flags, parks: "the host owns the loop" });

conformance("embedded on a port", () => {
  const { port1, port2 } = new MessageChannel();
  return {
    platform: embedded({ port: port1, report: () => {} }),
    notice: async (leftMs) => {
      port2.postMessage({ sitebus: "exit", leftMs });
      await new Promise((resolve) => setTimeout(resolve, 50));
    },
    dispose: () => port2.close(),
  };
}, { ...flags, parks: true });

describe("embedded()", () => {
  test("is controlled by the calls of its host", async () => {
    const platform = embedded();
    const bus = new ProcessBus({ platform });
    await bus.start();
    platform.host.request("stop", { name: "lid closed" });
    expect(await bus.wait("idle")).toBe("idle");
    platform.host.request("start");
    expect(await bus.wait("run")).toBe("run");
    platform.host.request("exit", { code: 3 });
    expect(await platform.host.left).toBe(3);
  });

  test("listens for no signal, and several of them live in one process", async () => {
    const before = process.listenerCount("SIGTERM");
    const platforms = [embedded(), embedded()];
    const buses = platforms.map((platform) => new ProcessBus({ platform }));
    await Promise.all(buses.map((bus) => bus.start()));
    expect(process.listenerCount("SIGTERM")).toBe(before);
    await Promise.all(buses.map((bus) => bus.exit()));
    expect(await Promise.all(platforms.map(({ host }) => host.left))).toEqual([0, 0]);
  });

  test("refuses to block unless the option parks says that the loop is its own", async () => {
    const bus = new ProcessBus({ platform: embedded() });
    expect(() => bus.run()).toThrow(expect.objectContaining({ name: "TraitError", field: "park" }));
    const own = new ProcessBus({ platform: embedded({ parks: true }) });
    const running = own.run();
    void own.exit(4);
    expect(await running).toBe(4);
  });

  test("says why a request before the state enter is refused", () => {
    expect(() => embedded().host.request("exit")).toThrow(
      'Cannot ask the bus for "exit": it has not entered yet',
    );
  });

  test.each<[title: string, ask: (host: Host) => void, message: string]>([
    [
      "an unknown goal",
      (host) => host.request("quit" as "exit"),
      '"sitebus" is "quit", expected one of start',
    ],
    ["an unusable code", (host) => host.request("exit", { code: 256 }), '"code" is 256, expected an integer'],
    ["an unusable time", (host) => host.notice(NaN), '"leftMs" is NaN, expected milliseconds'],
  ])("refuses %s at once", (_title, ask, message) => {
    expect(() => ask(embedded().host)).toThrow(message);
  });

  test.each<[title: string, make: () => unknown, message: string]>([
    ["an unknown option", () => embedded({ signals: {} } as object), 'unknown option "signals"'],
    [
      "a value that is not a port",
      () => embedded({ port: {} }),
      '"port" is an object, expected a port to send and listen on',
    ],
    ["a report that is no function", () => embedded({ report: "stderr" as never }), '"report"'],
  ])("refuses %s at once", (_title, make, message) => {
    expect(make).toThrow(message);
  });

  test("ignores messages that are not for a bus, and warns of invalid messages for a bus", async () => {
    const { port1, port2 } = new MessageChannel();
    onTestFinished(() => port2.close());
    const control = recordedControl();
    const platform = embedded({ port: port1 });
    await platform.attach(control);
    for (
      const message of ["hello", null, { kind: "mine" }, { sitebus: "explode" }, {
        sitebus: "exit",
        code: -1,
      }]
    ) {
      port2.postMessage(message);
    }
    await vi.waitFor(() => expect(control.logs).toHaveLength(2), { timeout: patient(5000) });
    expect(control.logs.map(({ message }) => message)).toEqual([
      expect.stringContaining('"sitebus" is "explode"'),
      expect.stringContaining('"code" is -1'),
    ]);
    expect(control.requests).toEqual([]);
    await platform.leave({ code: 0, forced: false, leftMs: 1000 });
  });

  test("exits when the other side of its port is closed", async () => {
    const { port1, port2 } = new MessageChannel();
    const control = recordedControl();
    const platform = embedded({ port: port1 });
    await platform.attach(control);
    port2.close();
    await vi.waitFor(
      () => expect(control.requests).toEqual([{ goal: "exit", reason: { by: "host", name: "disconnect" } }]),
      { timeout: patient(5000) },
    );
    await platform.leave({ code: 0, forced: false, leftMs: 1000 });
  });
});
