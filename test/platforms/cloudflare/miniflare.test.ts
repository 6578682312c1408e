import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { bundleWorker } from "../../bundle_worker.ts";
import { skipElsewhere } from "./_workerd.ts";

/** What is used of it; miniflare's own type needs all of @cloudflare/workers-types. */
interface WorkerLike {
  scheduled(event: { readonly cron: string }): Promise<{ readonly outcome: string }>;
  queue(name: string, messages: readonly object[]): Promise<{ readonly outcome: string }>;
}

describe("a Worker in miniflare", () => {
  beforeEach((context) => skipElsewhere(context));

  test("starts once for whatever comes first, and serves each kind of event", async () => {
    const { Miniflare } = await import("miniflare");
    const host = new Miniflare({
      name: "main",
      modules: true,
      script: await bundleWorker("cloudflare_worker", { startMs: 100 }),
      compatibilityDate: "2026-04-20",
      host: "127.0.0.1",
      port: 0,
      cf: false,
      serviceBindings: { SELF: "main" },
    });
    onTestFinished(() => host.dispose());
    const main = await host.getWorker() as unknown as WorkerLike;
    const [answer, scheduled, queue] = await Promise.all([
      host.dispatchFetch("http://worker/"),
      main.scheduled({ cron: "0 0 * * *" }),
      main.queue("jobs", [{ id: "1", timestamp: new Date(), body: "job", attempts: 1 }]),
    ]);
    expect([await answer.json(), scheduled.outcome, queue.outcome]).toEqual([
      { db: 1, pong: "pong" },
      "ok",
      "ok",
    ]);
    const report = await (await host.dispatchFetch("http://worker/report")).json() as { events: string[] };
    expect(report).toMatchObject({ starts: 1, attempts: 1, state: "run" });
    expect(report.events.toSorted()).toEqual(["queue jobs 1", "scheduled 0 0 * * *"]);
  });
});
