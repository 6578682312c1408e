import { getDeadline, waitUntil } from "@vercel/functions";
import { describe, expect, onTestFinished, test } from "vitest";
import { inline, ProcessBus, type Traits } from "../../mod.ts";
import {
  denoDeploy,
  edge,
  fetchFunction,
  type FetchPlatform,
  netlify,
  type ServerlessChannels,
  vercel,
} from "../../platforms/fetch.ts";
import { conformance } from "./conformance.ts";
import { fakeProcess } from "./fake_process.ts";
import { sleep } from "../spawn.ts";

const owned = "the host owns the loop";
const none = "the host says nothing of its end";

for (
  const [name, make, exclusive] of [
    ["Vercel", vercel, true],
    ["Deno Deploy", denoDeploy, true],
  ] as const
) {
  conformance(name, () => {
    const process = fakeProcess();
    return {
      platform: make({ process }),
      second: () => make({ process }),
      deliver: (signal) => void process.emit(signal),
      exitCode: () => process.exitCode as number | undefined,
    };
  }, {
    parks: owned,
    signals: true,
    exitCode: true,
    context: true,
    exclusive,
    respawns: "the host starts another instance",
    notices: "its notice is a signal",
  });
}

for (const [name, make] of [["edge", edge], ["Netlify", netlify]] as const) {
  conformance(name, () => make(), {
    parks: owned,
    signals: none,
    exitCode: none,
    context: true,
    exclusive: "one is made for each bus",
    respawns: "the host starts another instance",
    notices: none,
  });
}

function onPlatform(platform: FetchPlatform): ProcessBus<ServerlessChannels> {
  return new ProcessBus<ServerlessChannels>({ name: "shop", platform });
}

const request = () => new Request("http://localhost/");

describe("the platforms of fetch functions", () => {
  const process = fakeProcess();
  const said: readonly [platform: FetchPlatform, traits: Partial<Traits>][] = [
    [vercel({ process }), { notice: { kind: "SIGTERM", graceMs: 500 }, background: "waitUntil" }],
    [denoDeploy({ process }), { notice: { kind: "SIGINT", graceMs: 5000 }, background: "runs" }],
    [netlify(), { notice: "none", background: "frozen", concurrency: "one" }],
    [edge(), { notice: "none", background: "waitUntil", ioOutsideRequests: false }],
  ];
  test.each(said)("say what their host can do: $name", (platform, traits) => {
    expect(platform.traits).toMatchObject(traits);
  });

  const refused: readonly [title: string, make: () => unknown, message: string][] = [
    [
      "an option of another host",
      () => edge({ graceMs: 1 } as object),
      'Cannot use the edge platform: unknown option "graceMs"',
    ],
    [
      "an unknown option",
      () => netlify({ grace: 1 } as object),
      'Cannot use the Netlify platform: unknown option "grace"',
    ],
    [
      "a grace that is none",
      () => vercel({ graceMs: NaN }),
      'Cannot use the Vercel platform: "graceMs" is NaN',
    ],
    [
      "an unknown option",
      () => denoDeploy({ grace: 1 } as object),
      'Cannot use the Deno Deploy platform: unknown option "grace"',
    ],
  ];
  test.each(refused)("refuse %s at once", (_title, make, message) => {
    expect(make).toThrow(message);
  });

  test("refuse a component that needs sockets between requests at the edge, when it is used", () => {
    const bus = onPlatform(edge());
    expect(() => bus.use({ name: "db", needs: { ioOutsideRequests: true } })).toThrow(/"ioOutsideRequests"/);
  });
});

describe("fetchFunction()", () => {
  const host = { waitUntil: (_work: Promise<unknown>) => {} };

  test("refuses what is no function, and a bus that is not on a serverless platform", () => {
    expect(() => fetchFunction(onPlatform(edge()), {} as () => Response)).toThrow(
      'Cannot make the fetch function: "body" is an object, expected a function',
    );
    const bus = new ProcessBus({ platform: inline() });
    expect(() => fetchFunction(bus, () => new Response())).toThrow('its platform is "inline"');
  });

  test("does nothing before the first request, and passes on what the host passed", async () => {
    const bus = onPlatform(edge());
    const answer = fetchFunction(bus, (one: Request, host: { region: string }) => [one.url, host.region]);
    expect(bus.state).toBe("initial");
    expect(await answer(request(), { region: "fra" })).toEqual(["http://localhost/", "fra"]);
    expect(bus.state).toBe("run");
  });

  test("returns what the body returns while the bus runs, and makes no promise", async () => {
    const bus = onPlatform(edge());
    const response = new Response();
    const answer = fetchFunction(bus, () => response);
    await bus.start();
    expect(answer(request(), host)).toBe(response);
  });

  test("answers many requests by 503 where one start fails", async () => {
    const bus = onPlatform(edge({ retryDelay: 3000 }));
    let starts = 0;
    bus.use({ name: "db", start: () => Promise.reject(new Error(`no database ${++starts}`)) });
    bus.subscribe("log", () => {});
    const answer = fetchFunction(bus, () => new Response("served"));
    const answers = await Promise.all([answer(request()), answer(request()), answer(request())]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(await answers[0]?.text()).toBe("Service Unavailable\n");
    expect(answers[0]?.headers.get("retry-after")).toBe("3");
    expect(starts).toBe(1);
  });

  test("answers 503 after the bus has exited, and never hangs", async () => {
    const bus = onPlatform(edge());
    const answer = fetchFunction(bus, () => new Response("served"));
    await bus.exit();
    bus.subscribe("log", () => {});
    expect((await answer(request())).status).toBe(503);
  });

  test("leaves an error of the body to the host, also on the first request", async () => {
    const answer = fetchFunction(onPlatform(edge()), (): Response => {
      throw new RangeError("the body fails");
    });
    await expect(answer(request(), host)).rejects.toThrow("the body fails");
    expect(() => answer(request(), host)).toThrow("the body fails");
    // Without a waitUntil the answer waits for the work that is left.
    await expect(answer(request())).rejects.toThrow("the body fails");
  });

  test("has the signal of the request", async () => {
    const client = new AbortController();
    const answer = fetchFunction(onPlatform(edge()), async (_request: Request, _host, { signal }) => {
      client.abort(new Error("gone"));
      return signal.reason.message;
    });
    expect(await answer(new Request("http://localhost/", { signal: client.signal }))).toBe("gone");
  });

  test("flushes after each request by waitUntil where the host gives no notice", async () => {
    const bus = onPlatform(edge());
    let flushes = 0;
    bus.subscribe("flush", async () => {
      await undefined;
      flushes++;
    });
    const works: Promise<unknown>[] = [];
    const host = { waitUntil: (work: Promise<unknown>) => void works.push(work) };
    const answer = fetchFunction(bus, () => "served");
    await answer(request(), host);
    await answer(request(), host);
    await Promise.all(works);
    expect(flushes).toBe(2);
  });

  test("publishes thaw on Netlify after a long rest, and not after a short one", async () => {
    const bus = onPlatform(netlify({ thawAfterMs: 500 }));
    const gaps: number[] = [];
    bus.subscribe("thaw", (gapMs) => void gaps.push(gapMs));
    const answer = fetchFunction(bus, () => sleep(300));
    for (let call = 0; call < 3; call++) await answer(request());
    expect(gaps).toEqual([]);
    await sleep(600);
    await answer(request());
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toBeGreaterThanOrEqual(590);
  });

  test("answers 503 where a listener of thaw makes the bus exit", async () => {
    const bus = onPlatform(netlify({ thawAfterMs: 0 }));
    bus.subscribe("log", () => {});
    bus.subscribe("thaw", () => bus.exit());
    const answer = fetchFunction(bus, () => new Response("served"));
    await bus.start();
    await sleep(5);
    expect((await answer(request())).status).toBe(503);
  });

  test("holds the drain on Deno until the answer was sent", async () => {
    const bus = onPlatform(denoDeploy({ process: fakeProcess() }));
    const sent = Promise.withResolvers<void>();
    await fetchFunction(bus, () => "served")(request(), { completed: sent.promise });
    let isSent = false;
    bus.subscribe("stop", () => expect(isSent).toBe(true));
    const exited = bus.exit();
    setTimeout(() => {
      isSent = true;
      sent.reject(new Error("the client has gone away"));
    }, 30);
    await exited;
  });
});

describe("a function on Vercel", () => {
  test("has the waitUntil and the deadline that @vercel/functions has", async () => {
    const works: unknown[] = [];
    const deadline = new Date(Date.now() + 60_000).toISOString();
    const context = { deadline, waitUntil: (work: unknown) => void works.push(work) };
    const mark = Symbol.for("@vercel/request-context");
    Object.assign(globalThis, { [mark]: { get: () => context } });
    onTestFinished(() => void Reflect.deleteProperty(globalThis, mark));
    const bus = onPlatform(vercel({ process: fakeProcess() }));
    await bus.start();
    const left = await fetchFunction(bus, (_request: Request, _host, invocation) => {
      invocation.waitUntil(Promise.resolve());
      waitUntil(Promise.resolve());
      return [invocation.left(), getDeadline()!.getTime() - Date.now()];
    })(request());
    expect(works).toHaveLength(2);
    expect(left[0]).toBeGreaterThan(59_000);
    expect(Math.abs(left[0]! - left[1]!)).toBeLessThan(100);
  });

  test.each([[undefined], ["soon"]])("does without a deadline where Vercel says %s", async (deadline) => {
    const mark = Symbol.for("@vercel/request-context");
    Object.assign(globalThis, { [mark]: { get: () => ({ deadline }) } });
    onTestFinished(() => void Reflect.deleteProperty(globalThis, mark));
    const bus = onPlatform(vercel({ process: fakeProcess() }));
    expect(await fetchFunction(bus, (_request: Request, _host, one) => one.left())(request())).toBe(Infinity);
  });
});
