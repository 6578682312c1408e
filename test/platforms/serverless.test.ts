import { describe, expect, test } from "vitest";
import { ProcessBus } from "../../mod.ts";
import { gate, serverless } from "../../platforms/serverless.ts";
import { conformance } from "./conformance.ts";

conformance("serverless", () => {
  const platform = serverless({ report: () => {} });
  return { platform };
}, {
  parks: "the host owns the loop",
  signals: "each host has its own",
  notices: "they come by the gate of a bus",
  exitCode: "the host ends the process",
  context: true,
  exclusive: "any number of them live in one process",
  respawns: "the host starts the successor",
});

describe("serverless()", () => {
  test.each<[title: string, make: () => unknown, message: string]>([
    ["an unknown option", () => serverless({ host: "lambda" } as object), 'unknown option "host"'],
    ["a time that is none", () => serverless({ startWithin: NaN }), '"startWithin" is NaN'],
    ["a report that is no function", () => serverless({ report: "stderr" as never }), '"report" is "stderr"'],
  ])("refuses %s at once", (_title, make, message) => {
    expect(make).toThrow(`Cannot use the serverless platform: ${message}`);
  });

  test("shares the time of a notice among the deadlines, so that nothing is warned of", async () => {
    const lines: string[] = [];
    const platform = serverless({
      traits: { notice: { kind: "SIGTERM", graceMs: 500 } },
      report: (line) => lines.push(line),
    });
    const bus = new ProcessBus({ platform });
    await gate(bus).ready();
    expect([platform.defaults?.deadlines, lines]).toMatchObject([{ drain: 200, stop: 200, exit: 100 }, []]);
    await bus.exit();
  });
});
