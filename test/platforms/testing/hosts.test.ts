/**
 * The functions of serverless hosts on a testing platform: each host's own function takes it in place of the host.
 */
import { describe, expect, test } from "vitest";
import { type LogRecord, type Platform, ProcessBus } from "../../../mod.ts";
import { azure, functionApp } from "../../../platforms/azure.ts";
import { worker } from "../../../platforms/cloudflare.ts";
import { fetchFunction } from "../../../platforms/fetch.ts";
import { cloudEventFunction, httpFunction, type ResponseLike } from "../../../platforms/google.ts";
import { knativeFunction } from "../../../platforms/knative.ts";
import {
  awsLambda,
  lambda,
  lambdaStream,
  lambdaSync,
  runLambdaExtension,
  runLambdaLoop,
} from "../../../platforms/lambda.ts";
import { gate, type ServerlessChannels } from "../../../platforms/serverless.ts";
import { testing, type TestingOptions, type TestingPlatform } from "../../../platforms/testing.ts";
import { fakeProcess } from "../fake_process.ts";

interface Shop {
  readonly platform: TestingPlatform;
  readonly bus: ProcessBus<ServerlessChannels>;
  readonly records: LogRecord[];
  readonly did: string[];
}

/** A bus whose component takes two seconds to start, and whose first `failures` starts fail. */
function shop(options: TestingOptions = {}, failures = 0): Shop {
  const platform = testing({ defaults: { onStartFailure: "idle" }, ...options });
  const bus = new ProcessBus<ServerlessChannels>({ platform });
  const records: LogRecord[] = [];
  const did: string[] = [];
  let starts = 0;
  bus.subscribe("log", (record) => void records.push(record));
  bus.use({
    name: "db",
    async start(phase) {
      await phase.delay(2_000);
      if (++starts <= failures) throw new Error("no database");
      did.push("open");
    },
    stop: () => void did.push("closed"),
  });
  return { platform, bus, records, did };
}

/** The traits and limits of a real platform. */
function like({ traits, defaults }: Platform): TestingOptions {
  return { traits, ...defaults && { defaults } };
}

const request = () => new Request("http://localhost/");

test("worker() starts the bus by the virtual clock, and passes what workerd would pass", async () => {
  const { platform, bus, did } = shop();
  const { fetch, queue } = worker(bus, {
    fetch: (_request, env: { readonly name: string }) => new Response(`hello ${env.name}`),
    queue: ({ messages }) => did.push(`${messages.length} messages`),
  });
  const works: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => void works.push(work) };
  const answer = await platform.settle(fetch(request(), { name: "you" }, context));
  expect(await answer.text()).toBe("hello you");
  expect(platform.clock.now()).toBe(2_000);
  await platform.settle(queue({ queue: "orders", messages: [1, 2] }, { name: "you" }, context));
  expect(did).toEqual(["open", "2 messages"]);
  await platform.settle(Promise.all(works));
  await platform.settle(bus.exit());
  expect(platform.left(bus).clean).toBe(true);
});

test("worker() answers 503 where the start fails, and serves after the pause that it names", async () => {
  const { platform, bus, records } = shop({}, 1);
  const { fetch } = worker(bus, { fetch: () => new Response("hello") });
  const context = { waitUntil: () => {} };
  const refused = await platform.settle(fetch(request(), {}, context));
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(records.filter(({ event }) => event === "refused")).toEqual([]);
  await platform.clock.advance(100);
  expect((await platform.settle(fetch(request(), {}, context))).status).toBe(200);
});

describe("a function of AWS Lambda on a testing platform", () => {
  const lambdaLike = () => like(awsLambda({ process: fakeProcess() }));
  const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 3_000 };

  test("is told the deadline and a thaw by the virtual clock, and stops on the host's notice", async () => {
    const { platform, bus, did } = shop(lambdaLike());
    bus.subscribe("thaw", (gapMs) => void did.push(`thaw ${gapMs}`));
    const handler = await platform.settle(
      lambda(bus, (event: number, _context, invocation) => [event, invocation.left()]),
    );
    expect(platform.clock.now()).toBe(2_000);
    expect(await handler(7, context)).toEqual([7, 3_000]);
    await platform.clock.advance(60_000);
    expect(await handler(8, context)).toEqual([8, 3_000]);
    expect(did).toEqual(["open", "thaw 60000"]);
    platform.notice(500);
    expect(await platform.settle(gate(bus).shutdown({ name: "SIGTERM", leftMs: 500 }))).toBe(0);
    expect(did.at(-1)).toBe("closed");
    await expect(handler(9, context)).rejects.toMatchObject({ name: "NotReadyError", kind: "ended" });
  });

  test("rejects by NotReadyError before Lambda would cut it, where the start is too slow", async () => {
    const { platform, bus, records } = shop(lambdaLike());
    const handler = lambdaSync(bus, () => "served");
    const hasty = { ...context, getRemainingTimeInMillis: () => 1_000 - platform.clock.now() };
    const error = await platform.settle(handler({}, hasty).catch((error) => error));
    expect(error).toMatchObject({ name: "NotReadyError", kind: "late" });
    expect(platform.clock.now()).toBe(900);
    expect(records.filter(({ event }) => event === "refused")).toMatchObject([{ kind: "late", error }]);
    expect(await platform.settle(handler({}, context))).toBe("served");
  });

  test("streams into what the test passes for a stream", async () => {
    const { platform, bus } = shop(lambdaLike());
    const sent: string[] = [];
    const stream = { write: (piece: string) => !!sent.push(piece), end: () => {}, setContentType: () => {} };
    const handler = await platform.settle(lambdaStream(bus, (event: string, stream) => {
      stream.write(event);
      stream.end();
    }));
    await handler("tea", stream as never, context);
    expect(sent).toEqual(["tea"]);
  });

  test("is no loop and no extension: they need a host that they ask", async () => {
    for (const run of [() => runLambdaLoop(shop().bus, () => {}), () => runLambdaExtension(shop().bus)]) {
      await expect(run()).rejects.toThrow('its platform is "testing", expected awsLambda()');
    }
  });
});

/** A response as the functions framework passes it. */
type FrameworkResponse = ResponseLike & { readonly text: string };

function response(): FrameworkResponse {
  return {
    statusCode: 200,
    headersSent: false,
    writableFinished: false,
    destroyed: false,
    text: "",
    setHeader: () => {},
    end(text) {
      Object.assign(this, { text, writableFinished: true });
    },
    once: () => {},
  };
}

test("httpFunction() and cloudEventFunction() call their bodies, and answer 503 where the start fails", async () => {
  const { platform, bus } = shop({}, 1);
  const http = httpFunction(bus, (_request, answer: FrameworkResponse) => answer.end("hello"));
  const event = cloudEventFunction(bus, ({ id }: { readonly id: string }) => `took ${id}`);
  const refused = response();
  await platform.settle(http({}, refused));
  expect(refused.statusCode).toBe(503);
  await platform.clock.advance(100);
  expect(await platform.settle(event({ id: "7" }))).toBe("took 7");
  const served = response();
  await platform.settle(http({}, served));
  expect(served.text).toBe("hello");
});

test("functionApp() starts the bus with the app and stops it with the worker", async () => {
  const { platform, bus, did } = shop(like(azure({ process: fakeProcess() })));
  const listeners: Record<string, (context: never) => unknown> = {};
  const on = (name: string) => (listener: (context: never) => unknown) => {
    listeners[name] = listener;
    return { dispose() {} };
  };
  const hook = {
    appStart: on("start"),
    appTerminate: on("terminate"),
    preInvocation: on("invocation"),
  };
  functionApp(bus, { hook });
  await platform.settle(listeners["start"]!({} as never));
  expect(bus.state).toBe("run");
  await platform.settle(listeners["terminate"]!({} as never));
  expect([did, bus.state]).toEqual([["open", "closed"], "exited"]);
});

test("fetchFunction() flushes after each request by the waitUntil that the test passes", async () => {
  const { platform, bus, did } = shop();
  bus.subscribe("flush", () => void did.push("flush"));
  const answer = fetchFunction(bus, () => "served");
  const works: Promise<unknown>[] = [];
  const host = { waitUntil: (work: Promise<unknown>) => void works.push(work) };
  expect(await platform.settle(answer(request(), host))).toBe("served");
  await platform.settle(Promise.all(works));
  expect(did).toEqual(["open", "flush"]);
});

test("knativeFunction() starts by init, answers readiness, and stops by shutdown", async () => {
  const { platform, bus, did } = shop({ traits: { notice: { kind: "shutdown", graceMs: 30_000 } } });
  const { init, handle, readiness, shutdown } = knativeFunction(bus, (_context, data: string) => data);
  await platform.settle(init());
  expect(await handle({}, "tea")).toBe("tea");
  const codes: number[] = [];
  const reply = {
    code(status: number) {
      codes.push(status);
      return { send: () => {} };
    },
  };
  await platform.settle(readiness({}, reply));
  await platform.settle(shutdown());
  await platform.settle(readiness({}, reply));
  expect([codes, did]).toEqual([[200, 503], ["open", "closed"]]);
});

test("gate() on a testing platform is one, and knows what was before it", async () => {
  const platform = testing();
  const bus = new ProcessBus({ platform });
  await platform.settle(bus.start());
  const late = gate(bus);
  expect(gate(bus)).toBe(late);
  expect([late.ready(), late.attempts, late.run({}, () => "served")]).toEqual([undefined, 1, "served"]);
  await platform.settle(bus.exit(3));
  expect(await late.shutdown({ name: "SIGTERM", leftMs: 0 })).toBe(3);
});
