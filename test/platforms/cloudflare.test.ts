import { describe, expect, test } from "vitest";
import { inline, ProcessBus } from "../../mod.ts";
import {
  cloudflare,
  type CloudflareOptions,
  durable,
  isNotReady,
  type SchedulerLike,
  worker,
  type WorkerBodies,
} from "../../platforms/cloudflare.ts";
import { conformance } from "./conformance.ts";

/** A scheduler as workerd has one; the tests in the folder beside this file run on workerd itself. */
const scheduler: SchedulerLike = {
  wait: (ms, { signal }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

conformance("Cloudflare", () => cloudflare({ scheduler, report: () => {} }), {
  parks: "the host owns the loop",
  signals: "no signal of workerd reaches a Worker",
  notices: "workerd gives none",
  exitCode: "the host ends the process",
  context: "to load node:async_hooks takes longer than all the rest of a cold start",
  exclusive: "any number of them live in one isolate",
  respawns: "the host makes the next isolate",
});

describe("cloudflare()", () => {
  test("refuses a runtime that is not workerd", () => {
    expect(() => cloudflare()).toThrow(
      'Cannot use the Cloudflare platform: the runtime is not workerd, it has no "scheduler.wait"',
    );
  });

  test.each<[title: string, make: () => unknown, message: string]>([
    ["an unknown option", () => cloudflare({ scheduler, host: 1 } as object), 'unknown option "host"'],
    [
      "a durable that is neither true nor false",
      () => cloudflare({ scheduler, durable: "yes" as never }),
      '"durable" is yes, expected true or false',
    ],
  ])("refuses %s at once", (_title, make, message) => {
    expect(make).toThrow(`Cannot use the Cloudflare platform: ${message}`);
  });

  test("lets a Durable Object keep its sockets and timers, and a Worker not", () => {
    const traits = [false, true].map((durable) =>
      cloudflare({ scheduler, durable }).traits.ioOutsideRequests
    );
    expect(traits).toEqual([false, true]);
  });
});

describe("worker() and durable()", () => {
  const bus = (options: CloudflareOptions = {}) =>
    new ProcessBus({ platform: cloudflare({ scheduler, report: () => {}, ...options }) });

  test.each<[title: string, make: () => unknown, message: string]>([
    [
      "a body that is no function",
      () => worker(bus(), { fetch: "hello" } as unknown as WorkerBodies<unknown>),
      'Cannot make the Worker: "fetch" is "hello", expected a function',
    ],
    [
      "a kind that is unknown",
      () => worker(bus(), { request: () => {} } as WorkerBodies<unknown>),
      'Cannot make the Worker: unknown option "request", expected one of fetch, scheduled, queue, tail, email',
    ],
    [
      "no bodies at all",
      () => worker(bus(), undefined as unknown as WorkerBodies<unknown>),
      "Cannot make the Worker: there is none of fetch, scheduled, queue, tail, email",
    ],
    [
      "a bus of another platform",
      () => worker(new ProcessBus({ platform: inline() }), {}),
      'Cannot make a gate: its platform is "inline", expected one such as serverless()',
    ],
    [
      "a state that is none",
      () => durable(bus({ durable: true }), {} as never),
      `Cannot make the Durable Object's bus: "state.blockConcurrencyWhile" is undefined, expected a function`,
    ],
    [
      "a bus of a Worker for a Durable Object",
      () => durable(bus(), { blockConcurrencyWhile: (body) => body() }),
      "Cannot make the Durable Object's bus: its platform is a Worker's, expected cloudflare({ durable: true })",
    ],
  ])("refuse %s at once", (_title, make, message) => {
    expect(make).toThrow(message);
  });

  test("call a handler as a method of its object, with what the host passes", async () => {
    const bodies: WorkerBodies<string> & { greeting: string } = Object.assign(
      Object.create({ greeting: "hello" }) as { greeting: string },
      {
        fetch(this: { greeting: string }, request: Request, env: string) {
          return new Response(`${this.greeting} ${env} ${request.method}`);
        },
      },
    );
    const { fetch } = worker<string>(bus(), bodies);
    const answer = await fetch!(new Request("http://x/"), "env", { waitUntil: () => {} });
    expect(await answer.text()).toBe("hello env GET");
  });

  test("answer 503 to a request, and reject another event, whenever the bus exits after its start", async () => {
    const context = { waitUntil: () => {} };
    for (let ticks = 0; ticks < 20; ticks++) {
      const own = bus();
      const { fetch, scheduled } = worker(own, { fetch: () => new Response("ok"), scheduled: () => {} });
      void own.wait("run").then(async () => {
        for (let tick = 0; tick < ticks; tick++) await undefined;
        void own.exit();
      });
      const event = { cron: "* * * * *", scheduledTime: 0 };
      const [answer, done] = await Promise.allSettled([
        fetch(new Request("http://x/"), {}, context),
        scheduled(event, {}, context),
      ]);
      const status = answer.status === "fulfilled" ? answer.value.status : String(answer.reason);
      expect([200, 503]).toContain(status);
      expect(done.status === "fulfilled" || isNotReady(done.reason)).toBe(true);
    }
  });
});
