import { expect, test } from "vitest";
import { textLine } from "../../../components/log.ts";
import { durationText } from "../../../components/log/plain_text.ts";
import type { LogRecord } from "../../../mod.ts";

const REPORT = {
  bus: "shop",
  state: "drain",
  goal: "exit",
  generation: 2,
  leftMs: 11_200,
  held: [{ name: "upload", ms: 1500 }],
  channels: {},
  components: [
    { name: "db", status: "up", ms: 12.34, waitsFor: ["http"] },
    { name: "http", status: "draining", ms: 3 },
    { name: "mail\x07", status: "failed" },
  ],
} as const;

const record = (more: object): LogRecord => ({
  ...{ time: 0, level: "warn", message: "Inspected", bus: "shop", event: "inspect", report: REPORT },
  ...more,
});

test("a report has a line for the bus, and one for each component, pending call and held promise", () => {
  const text = textLine(record({
    ...{
      by: "signal",
      name: "SIGTERM",
      pid: 4711,
      uptimeMs: 7_384_000,
      inStateMs: 3210,
      leftMs: 11_200,
      requests: 3,
    },
    pending: [
      { listener: "http", channel: "drain", ms: 3210.5, requests: 3 },
      { listener: "flush", channel: "drain", ms: 1000 },
      { listener: "upload", channel: "hold", ms: 1500 },
    ],
  }));
  expect(text?.split("\n")).toEqual([
    "shop: state drain for 3.2 s; on its way to exit, asked by SIGTERM; 12 s left; 3 requests in flight; 2 reloads; " +
    "process 4711, up 2 h 3 min",
    "    db    up        started in 12 ms, waits for http",
    "    http  draining  3.2 s, 3 requests in flight",
    "    mail  failed",
    '    "flush" on "drain" is running, 1.0 s',
    '    "upload" is held, 1.5 s',
    "",
  ]);
});

test("a component whose drain is over is told as drained", () => {
  expect(textLine(record({ pending: [] }))).toContain("\n    http  drained   in 3 ms\n");
});

test("a report of a bus that rests says its state alone", () => {
  const report = { bus: "shop", state: "run", channels: {}, components: [] };
  expect(textLine(record({ report, inStateMs: 61_000, pending: [] }))).toBe(
    "shop: state run for 1 min 1 s\n",
  );
});

test.each([[0, "0.0 s"], [1999, "1.9 s"], [59_999, "59.9 s"], [60_000, "1 min 0 s"], [
  3_600_000,
  "1 h 0 min",
]])(
  "%i ms are told as %s",
  (ms, text) => {
    expect(durationText(ms)).toBe(text);
  },
);
