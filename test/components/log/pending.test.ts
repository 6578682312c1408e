import { describe, expect, test } from "vitest";
import { pendingCalls, pendingLines } from "../../../components/log/pending.ts";
import type { BusReport } from "../../../mod.ts";

describe("the pending lines", () => {
  const report: BusReport = {
    bus: "sitebus",
    state: "stop",
    channels: {
      log: [{ name: "log", priority: 0, running: 5 }],
      run: [{ name: "worker", priority: 50, running: 90_000 }],
      drain: [{ name: "worker", priority: 50, running: 65_432 }, {
        name: "worker",
        priority: 50,
        running: 10,
      }],
      stop: [{ name: "flush", priority: 10 }, { name: "report", priority: 90, running: 1999 }],
    },
    components: [
      { name: "worker", status: "draining", ms: 9 },
      { name: "db", status: "up", waitsFor: ["worker", "b", "c", "d"] },
      { name: "idle", status: "down" },
    ],
  };
  const requestsOf = () => 1;

  test("name components, listeners and who waits, the longest first", () => {
    expect(pendingLines(report, { rows: 10, requestsOf })).toEqual([
      "worker is still draining, 1 request in flight, 1 min 5 s",
      '"report" on "stop" is running, 1.9 s',
      "db waits for worker, b and 2 more",
    ]);
  });

  test.each([[3, 3], [2, 2], [1, 1], [0, 0], [-5, 0]])("with room for %i take %i", (rows, count) => {
    expect(pendingLines(report, { rows, requestsOf })).toHaveLength(count);
  });

  test("as data have the milliseconds and the requests in flight", () => {
    const requestsOf = (name: string) => name === "worker" ? 3 : undefined;
    expect(pendingCalls(report, requestsOf)).toEqual([
      { channel: "drain", listener: "worker", ms: 65_432, requests: 3 },
      { channel: "stop", listener: "report", ms: 1999 },
    ]);
  });

  test("name the promises that a drain waits for, and none before it", () => {
    const held = [{ name: "upload", ms: 2500 }];
    const drain = { bus: "sitebus", state: "drain", channels: {}, held } as const;
    expect(pendingLines(drain)).toEqual(['"upload" is held, 2.5 s']);
    expect(pendingCalls(drain)).toEqual([{ channel: "hold", listener: "upload", ms: 2500 }]);
    expect(pendingLines({ ...drain, state: "run" })).toEqual([]);
  });

  test("are none where nothing is pending", () => {
    expect(pendingLines({ bus: "sitebus", channels: {} }, { rows: 10, requestsOf })).toEqual([]);
  });
});
