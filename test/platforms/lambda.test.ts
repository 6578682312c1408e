import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ProcessBus } from "../../mod.ts";
import {
  awsLambda,
  type AwsLambdaOptions,
  lambda,
  type LambdaContextLike,
  lambdaStream,
  lambdaSync,
  runLambdaExtension,
  runLambdaLoop,
} from "../../platforms/lambda.ts";
import { posix } from "../../platforms/posix.ts";
import { conformance } from "./conformance.ts";
import { type FakeProcess, fakeProcess } from "./fake_process.ts";

const context: LambdaContextLike = { awsRequestId: "first", getRemainingTimeInMillis: () => 3000 };

function made(
  env: Record<string, string> = {},
  options: AwsLambdaOptions = {},
): { readonly process: FakeProcess; readonly bus: ProcessBus } {
  const process = fakeProcess({ env });
  const bus = new ProcessBus({ platform: awsLambda({ process, extension: false, ...options }) });
  bus.subscribe("log", () => {});
  return { process, bus };
}

conformance("AWS Lambda", () => {
  const process = fakeProcess();
  return {
    platform: awsLambda({ process, extension: false }),
    second: () => awsLambda({ process, extension: false }),
    deliver: (name) => void process.emit(name),
    exitCode: () => process.exitCode as number | undefined,
  };
}, {
  parks: "the host owns the loop",
  signals: true,
  exitCode: true,
  context: true,
  exclusive: true,
  respawns: "the host starts another environment",
  notices: "its notice is SIGTERM",
});

describe("awsLambda()", () => {
  test.each<[title: string, options: object, message: string]>([
    ["an unknown option", { host: "lambda" }, 'unknown option "host"'],
    ["an empty name", { extension: "" }, 'the name is "", expected a string that is not empty'],
    ["a time below 0", { graceMs: -1 }, '"graceMs" is -1'],
    ["a time of its gate that is a string", { startWithin: "1s" }, '"startWithin" is "1s"'],
  ])("refuses %s at once", (_title, options, message) => {
    expect(() => awsLambda({ process: fakeProcess(), ...options })).toThrow(message);
  });

  test("touches nothing of the process before its bus begins", () => {
    const { process } = made();
    expect(process.listenerTotal()).toBe(0);
    expect(process.written).toEqual([]);
  });

  test("says what the host can do, with and without Managed Instances", () => {
    expect(awsLambda({ process: fakeProcess(), graceMs: 300 }).traits).toEqual({
      lifetime: "serial",
      concurrency: "one",
      instances: "many",
      background: "frozen",
      ioOutsideRequests: true,
      notice: { kind: "SIGTERM", graceMs: 300 },
    });
    const process = fakeProcess({ env: { AWS_LAMBDA_MAX_CONCURRENCY: "16" } });
    expect(awsLambda({ process }).traits).toMatchObject({ concurrency: "many", background: "runs" });
  });

  test("refuses what needs more notice than the host gives", () => {
    const { bus } = made();
    expect(() => bus.use({ name: "queue", needs: { noticeMs: 1000 }, start: () => {} })).toThrow(
      expect.objectContaining({ name: "TraitError", field: "noticeMs" }),
    );
  });

  test("fits its deadlines into the notice, so that the bus has nothing to warn of", async () => {
    const { bus } = made();
    const warnings: string[] = [];
    bus.subscribe("log", ({ level, message }) => void (level === "warn" && warnings.push(message)));
    await bus.start();
    await bus.exit();
    expect(warnings).toEqual([]);
  });
});

describe("lambda()", () => {
  test("starts the bus before it resolves, and calls the body with what the host tells", async () => {
    const { bus } = made();
    const invoke = await lambda(bus, (event: { readonly n: number }, { awsRequestId }, invocation) => ({
      n: event.n + 1,
      awsRequestId,
      left: invocation.left() > 2000,
    }));
    expect(bus.state).toBe("run");
    expect(await invoke({ n: 1 }, context)).toEqual({ n: 2, awsRequestId: "first", left: true });
    await bus.exit();
  });

  test("can be called without a context, as tests do", async () => {
    const { bus } = made();
    const invoke = await lambda(bus, (event: number, _context, invocation) => [event, invocation.left()]);
    expect(await invoke(1, undefined as never)).toEqual([1, Infinity]);
    await bus.exit();
  });

  test("stops waiting for a start before Lambda does, and the first invocation waits for the rest", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { bus } = made({ AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand" }, { startWithin: 20_000 });
    bus.subscribe("start", () => new Promise((resolve) => setTimeout(resolve, 12_000)));
    let invoke: ((event: object, context: LambdaContextLike) => Promise<string>) | undefined;
    void lambda(bus, () => "served").then((made) => invoke = made);
    await vi.advanceTimersByTimeAsync(9_700);
    expect(invoke).toBe(undefined);
    await vi.advanceTimersByTimeAsync(200);
    const answer = invoke?.({}, context);
    expect(bus.state).toBe("start");
    await vi.advanceTimersByTimeAsync(2_200);
    expect(await answer).toBe("served");
  });

  test("shares the time of the initialization among all functions of the process, from its start on", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const began = performance.now();
    const process = fakeProcess({
      env: { AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand" },
      // Two seconds have gone by until the module is loaded.
      uptime: () => 2 + (performance.now() - began) / 1000,
    });
    const platform = awsLambda({ process, extension: false, startWithin: 20_000 });
    const bus = new ProcessBus({ platform });
    bus.subscribe("start", (phase) => phase.delay(15_000));
    let made = 0;
    void (async () => {
      for (let n = 0; n < 3; n++, made++) await lambda(bus, () => "served");
    })();
    await vi.advanceTimersByTimeAsync(7_700);
    expect(made).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect([made, bus.state]).toEqual([3, "start"]);
    await vi.advanceTimersByTimeAsync(10_000);
    void bus.exit();
    await vi.runAllTimersAsync();
  });

  test("refuses an invocation of a bus that has exited, and does not hang", async () => {
    const { bus } = made();
    const invoke = await lambda(bus, () => "served");
    await bus.exit();
    await expect(invoke({}, context)).rejects.toMatchObject({
      name: "NotReadyError",
      kind: "ended",
      message: 'Cannot serve: the bus "bus" has exited',
    });
  });

  test("starts once under many first invocations where the module could not wait", async () => {
    const { bus } = made({}, {});
    let starts = 0;
    bus.subscribe("start", async () => {
      starts++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    const invoke = lambdaSync(bus, (event: number) => event * 2);
    expect(bus.state).toBe("initial");
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => invoke(index, context)));
    expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => index * 2));
    expect(starts).toBe(1);
    await bus.exit();
  });

  test("tells the client up to Node 22 not to wait for handles that a bus keeps open", async () => {
    const { bus } = made();
    const invoke = await lambda(bus, () => "served");
    const own = { ...context, callbackWaitsForEmptyEventLoop: true };
    expect(await invoke({}, own)).toBe("served");
    expect(own.callbackWaitsForEmptyEventLoop).toBe(false);
    await bus.exit();
  });

  test("marks a stream as the client's own function does", async () => {
    const { bus } = made();
    const stream = await lambdaStream(bus, () => {}, { highWaterMark: 1024 });
    expect(
      Object.getOwnPropertySymbols(stream).map((symbol) => [symbol.description, stream[symbol as never]]),
    )
      .toEqual([
        ["aws.lambda.runtime.handler.streaming", "response"],
        ["aws.lambda.runtime.handler.streaming.highWaterMark", 1024],
      ]);
    await bus.exit();
  });

  test("warns where it is not on AWS Lambda, and serves all the same", async () => {
    const process = fakeProcess();
    const bus = new ProcessBus({ platform: awsLambda({ process }) });
    const invoke = await lambda(bus, () => "served");
    expect(await invoke({}, context)).toBe("served");
    expect(process.written).toHaveLength(1);
    expect(process.written[0]).toMatch(
      /^\[bus\] warn: SIGTERM will not come, .*: AWS_LAMBDA_RUNTIME_API is not set, so this is not AWS Lambda/s,
    );
    await bus.exit();
  });
});

describe("bad input", () => {
  const other = () => new ProcessBus({ platform: posix({ process: fakeProcess() }) });
  const body = () => {};
  const streaming = Object.assign(() => {}, {
    [Symbol.for("aws.lambda.runtime.handler.streaming")]: "response",
  });

  test.each<[title: string, call: () => unknown, message: RegExp]>([
    ["a body that is no function", () => lambda(made().bus, 3 as never), /"body" is 3, expected a function/],
    [
      "no body",
      () => lambdaStream(made().bus, undefined as never),
      /"body" is undefined, expected a function/,
    ],
    ["an object that is no bus", () => lambda({} as never, body), /an object is no bus, expected/],
    ["another platform", () => lambda(other(), body), /its platform is "POSIX", expected awsLambda\(\)/],
    ["a body that streams", () => lambda(made().bus, streaming), /streams its answer, use lambdaStream\(\)/],
    ["another platform for a loop", () => runLambdaLoop(other(), body), /its platform is "POSIX"/],
    [
      "a loop of no invocation at a time",
      () => runLambdaLoop(made().bus, body, { concurrency: 0 }),
      /"concurrency" is 0/,
    ],
    ["another platform for an extension", () => runLambdaExtension(other()), /its platform is "POSIX"/],
    [
      "an unknown option of an extension",
      () => runLambdaExtension(made().bus, { event: "INVOKE" } as never),
      /unknown option "event"/,
    ],
  ])("refuses %s", async (_title, call, message) => {
    await expect((async () => await call())()).rejects.toThrow(message);
  });
});
