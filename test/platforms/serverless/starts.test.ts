import { expect, test } from "vitest";
import type { ProcessBus } from "../../../mod.ts";
import type { ServerlessChannels } from "../../../platforms/serverless.ts";
import { sleepBy } from "../../../platforms/serverless/sleep.ts";
import { Starts } from "../../../platforms/serverless/starts.ts";
import { testing } from "../../../platforms/testing.ts";
import { recordedControl } from "../conformance.ts";

test("a bus whose driver died between two phases is taken over as well", async () => {
  const { clock } = testing();
  const sleep = sleepBy(clock);
  const starts = new Starts({ clock, sleep, retryDelay: 100, maxRetryDelay: 100 });
  let abandoned = "";
  // A real driver stops there only when its context ends.
  const stuck = { state: "idle", settled: true, start: () => new Promise(() => {}), log: () => {} };
  starts.bus = stuck as unknown as ProcessBus<ServerlessChannels>;
  starts.control = { ...recordedControl(), settled: true, abandon: (reason) => void (abandoned = reason) };
  starts.pulse("idle", true);
  starts.start({ id: "second" }, { end: 1_000, ms: 1_000 }).catch(() => {});
  await clock.advance(199);
  expect(abandoned).toBe("");
  await clock.advance(1);
  expect(abandoned).toBe("second waits for it");
});
