import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { sideBySide } from "../../scripts/command.ts";
import { root } from "../../scripts/tools.ts";
import { bundleTests, withSources } from "../../scripts/testing/_bundle.ts";
import { addReports, crashed } from "../../scripts/testing/report.ts";
import { type WindowsRuntime, windowsRuntimes } from "../../scripts/windows/builds.ts";
import type { NamedReport } from "../bundled/harness.ts";
import { withCalls } from "./_bus_program.ts";
import { startWindows } from "./under_windows.ts";

const files = ["test/runtime.test.ts", "test/windows/conformance.ts"];

const entry = `
  import process from "node:process";
  import { prepare, runFile } from "./test/bundled/harness.ts";
  prepare("windows");
  // While an event is on its way, nothing else may keep Node alive.
  setInterval(() => {}, 1000);
  const reports = [];
  for (const file of Object.keys(files)) reports.push(await runFile(files, file));
  console.log("reports " + JSON.stringify(reports));
  process.exit(0);
`;

// The bundle runs before tests are registered: each of its tests becomes a test of this file, with the same name.
const reports = await runSuite();

describe.each(windowsRuntimes)("on %s", (runtime) => {
  const { passes, failures } = reports[runtime];
  for (const name of passes) it(name, () => expect(failures.map((one) => one.name)).not.toContain(name));
  for (const { name, message } of failures) it(name, () => expect.fail(message));
});

// The skipped tests are the same on each runtime.
describe("on no runtime", () => {
  const skips = new Map(
    Object.values(reports).flatMap(({ skips }) => skips.map(({ name, why }) => [name, why])),
  );
  for (const [name, why] of skips) it(name, (context) => context.skip(why));
});

async function runSuite(): Promise<Readonly<Record<WindowsRuntime, NamedReport>>> {
  const windows = startWindows();
  try {
    const bundle = await bundleTests(files, { entry, external: ["node:*"] });
    const file = join(windows.folder, "bundle.mjs");
    writeFileSync(file, bundle.code);
    const name = relative(join(root, "test/programs"), file);
    const runs = windowsRuntimes.map((runtime) => async () => {
      const report = await runIn(runtime, name).catch((error: unknown) => ({
        ...crashed("the suite", String(error)),
        passes: [],
      }));
      return [runtime, withSources(report, bundle, "bundle.mjs")] as const;
    });
    return Object.fromEntries(await sideBySide(runs, 2)) as Record<WindowsRuntime, NamedReport>;
  } finally {
    await windows.end();
  }

  async function runIn(runtime: WindowsRuntime, name: string): Promise<NamedReport> {
    // Deno and Bun also have a name with the major version only, which `test/runtime.test.ts` expects.
    const expected = { deno: "deno2", bun: "bun1" }[runtime as string] ?? runtime;
    const env = { EXPECT_RUNTIME: expected };
    const program = await windows.start(runtime, name, { env, timeoutMs: 60_000, ...withCalls(runtime) });
    let delivered = 0;
    for (;;) {
      const over = program.hasEnded();
      const lines = program.lines();
      for (const line of lines.filter((line) => line.startsWith("deliver ")).slice(delivered)) {
        delivered++;
        await program.deliver(line.slice("deliver ".length) as "CTRL_C");
      }
      const said = lines.find((line) => line.startsWith("reports "));
      if (said !== undefined) return addNamed(JSON.parse(said.slice("reports ".length)) as NamedReport[]);
      if (over) {
        const { code } = await program.exited();
        throw new Error(`It ended with ${code}, without a report; it printed\n${lines.join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function addNamed(reports: readonly NamedReport[]): NamedReport {
  return { ...addReports(reports), passes: reports.flatMap(({ passes }) => passes) };
}
