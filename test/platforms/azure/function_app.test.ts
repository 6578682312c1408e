/**
 * The real `@azure/functions`, called as Azure's worker does; the worker and its core are stubs.
 * @module
 */
import type { InvocationContext } from "@azure/functions";
import { describe, expect, test, vi } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { ProcessBus } from "../../../mod.ts";
import {
  azure,
  type AzureOptions,
  functionApp,
  type InvocationContext as Invocation,
  type ServerlessChannels,
} from "../../../platforms/azure.ts";
import { sleep } from "../../spawn.ts";
import { type FakeProcess, fakeProcess } from "../fake_process.ts";
import { type Answer, azureWorker, type Worker } from "./_worker.ts";

interface Shop {
  readonly bus: ProcessBus<ServerlessChannels>;
  readonly worker: Worker;
  readonly log: string[];
  readonly process: FakeProcess;
  readonly dispose: () => void;
}

/** An app with a function of each kind. */
function shop(options: AzureOptions & { readonly fail?: number; readonly startMs?: number } = {}): Shop {
  const { fail = 0, startMs = 0, ...others } = options;
  const { worker, app } = azureWorker();
  const process = fakeProcess();
  const bus = new ProcessBus<ServerlessChannels>({ name: "shop", platform: azure({ process, ...others }) });
  const log: string[] = [];
  bus.subscribe("log", ({ event, listener, channel }) => {
    if (event === "failure") log.push(`failure of ${listener} on ${channel}`);
  });
  let starts = 0;
  bus.use({
    name: "db",
    async start() {
      log.push(`start ${++starts}`);
      await sleep(startMs);
      if (starts <= fail) throw new Error("no database");
    },
    stop: () => void log.push("stop"),
  });
  bus.subscribe("flush", () => void log.push("flush"));
  const { dispose } = functionApp(bus, app);
  app.http("items", {
    handler: async (request, context) => {
      log.push(`items by ${context.functionName}`);
      await sleep(Number(new URL(request.url).searchParams.get("ms")));
      return { jsonBody: { starts } };
    },
  });
  app.storageQueue("orders", {
    queueName: "orders",
    connection: "",
    handler: (order: unknown, context: InvocationContext, ...more: unknown[]) => {
      const [invocation] = more as [Invocation];
      log.push(`${order} by ${context.functionName}, ${invocation.left()} ms`);
      return "done";
    },
  });
  return { bus, worker, log, process, dispose };
}

const request = (query = "") => ({
  http: { method: "GET", url: `http://localhost/api/items?${query}`, headers: {} },
});

const statusOf = ({ returnValue }: Answer) => returnValue?.http?.statusCode;

function textOf({ returnValue }: Answer): string {
  const { string, bytes } = returnValue?.http?.body ?? {};
  return string ?? new TextDecoder().decode(bytes);
}

describe("@azure/functions with its core stubbed", () => {
  test("starts the bus with the app, and serves", async () => {
    const { bus, worker, log } = shop();
    expect(bus.state).toBe("initial");
    await worker.start();
    expect(bus.state).toBe("run");
    const answer = await worker.invoke("items", request());
    expect([statusOf(answer), textOf(answer)]).toEqual(["200", '{"starts":1}']);
    expect(await worker.invoke("orders", { string: "order 7" })).toMatchObject({
      returnValue: { string: "done" },
    });
    expect(log).toEqual(["start 1", "items by items", "order 7 by orders, Infinity ms"]);
  });

  test("starts once for 50 first invocations where the app did not", async () => {
    const { worker, log } = shop({ startMs: 30 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => worker.invoke("items", request())));
    expect(new Set(answers.map(textOf))).toEqual(new Set(['{"starts":1}']));
    expect(log.filter((line) => line.startsWith("start"))).toEqual(["start 1"]);
  });

  test("does not fail the worker where the start fails: HTTP is answered 503, a queue tries again, and later both are served", async () => {
    const { worker, log } = shop({ fail: 1, retryDelay: 2000 });
    await worker.start();
    expect(log).toEqual(["start 1", "failure of db on start"]);
    const refused = await worker.invoke("items", request());
    expect([statusOf(refused), textOf(refused)]).toEqual(["503", "Service Unavailable\n"]);
    expect(refused.returnValue?.http?.headers?.["retry-after"]).toBe("2");
    await expect(worker.invoke("orders")).rejects.toThrow('Cannot serve: the bus "shop" has not started');
    await sleep(2050);
    expect(statusOf(await worker.invoke("items", request()))).toBe("200");
    expect(await worker.invoke("orders")).toMatchObject({ returnValue: { string: "done" } });
  });

  test("drains, stops and flushes before the worker exits, and refuses what comes after", async () => {
    const { worker, log } = shop();
    await worker.start();
    const slow = worker.invoke("items", request("ms=100"));
    await vi.waitFor(() => expect(log).toContain("items by items"), { timeout: patient(5000) });
    const terminated = worker.terminate();
    expect(statusOf(await slow)).toBe("200");
    await terminated;
    expect(worker.exits).toEqual([0]);
    expect(log.slice(2)).toEqual(["stop", "flush"]);
    expect(statusOf(await worker.invoke("items", request()))).toBe("503");
  });

  test("lets the worker exit in time, however long the stop takes", async () => {
    const { bus, worker, log } = shop({ graceMs: 200 });
    bus.subscribe("stop", () => new Promise(() => {}), { name: "hang" });
    await worker.start();
    const begun = performance.now();
    await worker.terminate();
    expect(performance.now() - begun).toBeLessThan(patient(2000));
    expect(log).toContain("failure of hang on stop");
    expect(log).toContain("flush");
  });

  test("terminates where no function was ever invoked", async () => {
    const { bus, worker } = shop();
    await worker.terminate();
    expect([bus.state, worker.exits]).toEqual(["exited", [0]]);
  });

  test("ends the process where the bus exits by itself, once the worker has sent its last results", async () => {
    const { bus, worker, process } = shop();
    await worker.start();
    const slow = worker.invoke("items", request("ms=100"));
    await sleep(20);
    const run = () => Promise.reject(new Error("lost the broker"));
    bus.use({ name: "consumer", start: () => {}, run });
    expect(statusOf(await slow)).toBe("200");
    expect(process.exits).toEqual([]);
    await vi.waitFor(() => expect(process.exits).toEqual([70]), { timeout: patient(5000) });
  });

  test("asks the host for another worker where the bus exits by itself, and nothing has failed", async () => {
    const { bus, worker, process } = shop();
    await worker.start();
    await bus.exit();
    await vi.waitFor(() => expect(process.exits).toEqual([200]), { timeout: patient(5000) });
  });

  test("leaves the process to the worker where the host terminates it", async () => {
    const { worker, process } = shop();
    await worker.start();
    await worker.terminate();
    await sleep(200);
    expect([process.exits, worker.exits]).toEqual([[], [0]]);
  });

  test("leaves an error of a function to the worker", async () => {
    const { worker, app } = azureWorker();
    functionApp(new ProcessBus({ platform: azure() }), app);
    app.http("broken", {
      handler: () => {
        throw new RangeError("the body fails");
      },
    });
    await worker.start();
    await expect(worker.invoke("broken", request())).rejects.toThrow("the body fails");
  });

  test("takes its registrations off", () => {
    const { worker, dispose } = shop();
    expect(worker.registered).toBe(3);
    dispose();
    expect(worker.registered).toBe(0);
  });
});
