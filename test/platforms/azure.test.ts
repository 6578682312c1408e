import { describe, expect, test } from "vitest";
import { inline, ProcessBus } from "../../mod.ts";
import { azure, type AzureAppLike, functionApp } from "../../platforms/azure.ts";
import { conformance } from "./conformance.ts";
import { fakeProcess } from "./fake_process.ts";

conformance("Azure", () => azure({ process: fakeProcess() }), {
  parks: "the worker owns the loop",
  signals: "the worker has them",
  exitCode: "the worker ends its process by itself",
  context: true,
  exclusive: "one is made for each bus",
  respawns: "the host starts another worker",
  notices: "its notice is the worker's call, in test/platforms/azure/",
});

describe("azure()", () => {
  test("says how long the host waits for the worker", () => {
    expect(azure().traits.notice).toEqual({ kind: "appTerminate", graceMs: 5000 });
    expect(azure({ graceMs: 1000 }).traits.notice).toEqual({ kind: "appTerminate", graceMs: 1000 });
  });

  test("refuses an unknown option, and a grace that is none", () => {
    expect(() => azure({ grace: 1 } as object)).toThrow(
      'Cannot use the Azure platform: unknown option "grace"',
    );
    expect(() => azure({ graceMs: Infinity })).toThrow('"graceMs" is Infinity, expected milliseconds');
  });
});

describe("functionApp()", () => {
  test("refuses an object that is no app, and a bus that is not on a serverless platform", () => {
    const bus = new ProcessBus({ platform: azure() });
    const app = (hook: unknown) => ({ hook }) as AzureAppLike;
    expect(() => functionApp(bus, undefined as never)).toThrow('"app.hook" is undefined, expected "app" of');
    expect(() => functionApp(bus, app({}))).toThrow('"app.hook.appStart" is undefined, expected a function');
    expect(() => functionApp(new ProcessBus({ platform: inline() }), app({}))).toThrow(
      'its platform is "inline"',
    );
  });
});
