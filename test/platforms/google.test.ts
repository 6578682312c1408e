import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { inline, ProcessBus } from "../../mod.ts";
import {
  cloudEventFunction,
  google,
  httpFunction,
  type ResponseLike,
  type ServerlessChannels,
} from "../../platforms/google.ts";
import { sleep } from "../spawn.ts";
import { conformance, recordedControl } from "./conformance.ts";
import { type FakeProcess, fakeProcess } from "./fake_process.ts";

conformance("Google", () => {
  const process = fakeProcess();
  return {
    platform: google({ process }),
    second: () => google({ process }),
    deliver: (name) => void process.emit(name),
    exitCode: () => process.exitCode as number | undefined,
  };
}, {
  parks: "the framework owns the loop",
  signals: true,
  exitCode: true,
  context: true,
  exclusive: true,
  respawns: "the host starts another instance",
  notices: "its notice is SIGTERM",
});

/** A response that records what is sent. */
class Response extends EventEmitter implements ResponseLike {
  statusCode = 200;
  headersSent = false;
  writableFinished = false;
  destroyed = false;
  text = "";
  readonly headers: Record<string, string> = {};
  setHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  end(text = ""): void {
    this.text = text;
    this.headersSent = this.writableFinished = true;
    setTimeout(() => this.emit("close"), 0);
  }
}

function onGoogle(process: FakeProcess = fakeProcess()): ProcessBus<ServerlessChannels> {
  return new ProcessBus<ServerlessChannels>({ name: "shop", platform: google({ process }) });
}

describe("google()", () => {
  const refused: readonly [title: string, make: () => unknown, message: string][] = [
    [
      "an unknown option",
      () => google({ grace: 1 } as object),
      'Cannot use the Google platform: unknown option "grace", expected one of startWithin, retryDelay, ' +
      "maxRetryDelay, thawAfterMs, graceMs, background, timeoutMs, process",
    ],
    ["a grace that is none", () => google({ graceMs: NaN }), '"graceMs" is NaN, expected milliseconds'],
    [
      "work that waits",
      () => google({ background: "waitUntil" as "runs" }),
      '"background" is "waitUntil", expected "frozen" or "runs"',
    ],
    ["a start that may take for ever", () => google({ startWithin: Infinity }), '"startWithin" is Infinity'],
  ];
  test.each(refused)("refuses %s at once", (_title, make, message) => {
    expect(make).toThrow(message);
  });

  test("says how long the host waits after SIGTERM, and that it freezes work between requests", () => {
    expect(google().traits).toMatchObject({
      notice: { kind: "SIGTERM", graceMs: 10_000 },
      background: "frozen",
    });
    expect(google({ background: "runs" }).traits.background).toBe("runs");
  });

  test("adds no listener before the bus begins", () => {
    const process = fakeProcess();
    httpFunction(onGoogle(process), () => {});
    expect(process.listenerTotal()).toBe(0);
  });

  test("takes off the framework's listeners, present and future ones, and no others", async () => {
    const process = fakeProcess();
    // As of @google-cloud/functions-framework 5, and as a bundler may change it.
    const signal = "SIGTERM";
    const ofFramework = () => ({ err: new Error(`Received ${signal}`), res: null });
    const another = () => {};
    const ofAnother = () => new Error("Received " + signal);
    process.on("SIGTERM", ofFramework);
    process.on("SIGTERM", another);
    const platform = google({ process });
    const control = recordedControl();
    await platform.attach(control);
    process.on("SIGTERM", ofFramework);
    process.on("SIGINT", ofFramework);
    process.on("SIGHUP", ofFramework);
    process.on("SIGINT", ofAnother);
    await undefined;
    expect(process.listeners("SIGTERM")).toHaveLength(2);
    expect(process.listeners("SIGTERM")).not.toContain(ofFramework);
    expect(process.listeners("SIGINT")).toHaveLength(2);
    expect(process.listeners("SIGINT")).not.toContain(ofFramework);
    expect(process.listeners("SIGHUP")).toEqual([ofFramework]);
    await platform.leave({ code: 0, forced: false, leftMs: 1000 });
    // The signals themselves stay armed until the process ends, and with them the listener that keeps them first.
    expect(process.listeners("newListener").map((listener) => (listener as { name: string }).name)).toEqual([
      "stayFirst",
    ]);
  });

  test("says that SIGTERM leaves 10 seconds", async () => {
    const process = fakeProcess();
    const control = recordedControl();
    await google({ process }).attach(control);
    process.emit("SIGTERM");
    expect(control.requests[0]?.reason.leftMs).toBe(10_000);
  });

  test.each([
    ["the framework is told", { CLOUD_RUN_TIMEOUT_SECONDS: "60" }, {}, 60_000],
    ["the option says", { CLOUD_RUN_TIMEOUT_SECONDS: "60" }, { timeoutMs: 5_000 }, 5_000],
    ["nobody says", {}, {}, Infinity],
    ["it takes 0 for none", { CLOUD_RUN_TIMEOUT_SECONDS: "0" }, {}, Infinity],
  ])("knows how long a request has, because %s", async (_title, env, options, ms) => {
    const bus = new ProcessBus({ platform: google({ process: fakeProcess({ env }), ...options }) });
    const left: number[] = [];
    await httpFunction(bus, (_request: string, response: Response, invocation) => {
      left.push(invocation.left());
      response.end();
    })("", new Response());
    await cloudEventFunction(bus, (_event: { id: string }, invocation) => left.push(invocation.left()))({
      id: "a",
    });
    expect(left).toHaveLength(2);
    for (const one of left) {
      expect(one).toBeLessThanOrEqual(ms);
      expect(one).toBeGreaterThanOrEqual(ms - 1_000);
    }
  });

  test("ends the process, which the framework's server would keep alive", async () => {
    const process = fakeProcess();
    const bus = onGoogle(process);
    await bus.start();
    await bus.exit(3);
    await sleep(20);
    expect(process.exits).toEqual([3]);
  });
});

describe("httpFunction()", () => {
  test("refuses what is no function, and a bus that is not on a serverless platform", () => {
    expect(() => httpFunction(onGoogle(), {} as () => void)).toThrow(
      'Cannot make the HTTP function: "body" is an object, expected a function',
    );
    expect(() => httpFunction(new ProcessBus({ platform: inline() }), () => {})).toThrow(
      'its platform is "inline"',
    );
  });

  test("passes on what the body returns and what it throws", async () => {
    const answer = httpFunction(onGoogle(), (request: string, response: Response) => {
      response.end("sent");
      if (request === "throw") throw new Error("the body fails");
      return request;
    });
    expect(await answer("returned", new Response())).toBe("returned");
    await expect(answer("throw", new Response())).rejects.toThrow("the body fails");
  });

  test("answers 503 after the bus has exited, and never hangs", async () => {
    const bus = onGoogle();
    let called = false;
    const answer = httpFunction(bus, () => void (called = true));
    await bus.exit();
    const response = new Response();
    await answer("", response);
    expect([response.statusCode, response.text, called]).toEqual([503, "Service Unavailable\n", false]);
    expect(response.headers["retry-after"]).toBe(undefined);
  });

  test("does not answer a client that has gone away meanwhile", async () => {
    const bus = onGoogle();
    bus.use({ name: "db", start: () => Promise.reject(new Error("no database")) });
    const response = Object.assign(new Response(), { destroyed: true });
    await httpFunction(bus, () => {})("", response);
    expect([response.statusCode, response.headersSent]).toEqual([200, false]);
  });

  test("holds the drain until the response was sent", async () => {
    const bus = onGoogle();
    const answer = httpFunction(bus, (_request: string, response: Response) => {
      setTimeout(() => response.end("late"), 50);
    });
    const response = new Response();
    await answer("", response);
    let sent = false;
    bus.subscribe("stop", () => void (sent = response.writableFinished));
    await bus.exit();
    expect(sent).toBe(true);
  });
});

describe("cloudEventFunction()", () => {
  test("refuses what is no function", () => {
    expect(() => cloudEventFunction(onGoogle(), undefined as never)).toThrow(
      'Cannot make the CloudEvent function: "body" is undefined',
    );
  });

  test("has one parameter, since the framework waits for a call of the second one", () => {
    expect(cloudEventFunction(onGoogle(), (_event: { id: string }, _invocation) => {})).toHaveLength(1);
  });

  test("passes on what the body returns, and rejects after the bus has exited", async () => {
    const bus = onGoogle();
    const answer = cloudEventFunction(bus, ({ id }: { id: string }) => `done ${id}`);
    expect(await answer({ id: "a" })).toBe("done a");
    await bus.exit();
    await expect(answer({ id: "b" })).rejects.toThrow('Cannot serve: the bus "shop" has exited');
  });
});
