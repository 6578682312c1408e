/**
 * The examples that are projects with more to install than everybody should have to. The runner `frameworks` of
 * `npm test` installs and builds them, and says in SITEBUS_FRAMEWORKS where they are.
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { onTestFinished, test, vi } from "vitest";
import { CLOSED, servesAndStops } from "./_serves_and_stops.ts";

const folder = process.env["SITEBUS_FRAMEWORKS"];
const why = "SITEBUS_FRAMEWORKS is not set: npm test -- frameworks sets it";

test("examples/nitro runs its close hooks after the server and before the database closes", async (context) => {
  context.skip(folder === undefined, why);
  await servesAndStops(join(folder ?? "", "nitro/.output/server/index.mjs"), "Nitro", [
    "nitro closed, 1 orders",
    "sitebus: nitro is stopped",
    ...CLOSED,
  ]);
});

test("examples/next does what is left after an answer, then closes its database", async (context) => {
  context.skip(folder === undefined, why);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("NEXT_TELEMETRY_DISABLED", "1");
  await servesAndStops(join(folder ?? "", "next/serve.js"), "Next.js", [
    "after the answer, 1 orders",
    "sitebus: next is stopped",
    ...CLOSED,
  ]);
});
