import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { setting } from "../../src/property/check.ts";
import { watchUnhandled } from "../../src/property/unhandled.ts";
import { playSchedule, schedules } from "./_schedule.ts";

/** The outcome is the same on every runtime: one plays all schedules, the others a few of them. */
const RUNS = process.env["EXPECT_RUNTIME"] === "node26" ? 10_000 : 500;

test(
  "the bus starts exactly once in any schedule of invocations, apart from starts that dead invocations left",
  async () => {
    const property = fc.asyncProperty(schedules, async (schedule) => {
      const unhandled = watchUnhandled();
      try {
        const broken = await playSchedule(schedule);
        await unhandled.turn();
        expect([...broken, ...unhandled.seen]).toEqual([]);
      } finally {
        unhandled.stop();
      }
    });
    await fc.assert(property, { numRuns: setting("FC_RUNS", RUNS), seed: setting("FC_SEED", 6) });
  },
  patient(120_000),
);
