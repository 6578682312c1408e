/**
 * The host of the Lambda tests behaves as Lambda's documents say.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { RuntimeApi } from "./_runtime_api.ts";

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function host(external: readonly string[] = []): Promise<{
  readonly api: RuntimeApi;
  ask(method: string, path: string, headers?: Record<string, string>, body?: unknown): Promise<Asked>;
}> {
  const api = new RuntimeApi(external);
  onTestFinished(() => api.close());
  const base = await api.listen();
  return {
    api,
    async ask(method, path, headers = {}, body = undefined) {
      const response = await fetch(`http://${base}${path}`, {
        method,
        headers,
        ...body !== undefined && { body: JSON.stringify(body) },
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
  };
}

const runtime = "/2018-06-01/runtime";
const extension = "/2020-01-01/extension";

describe("the Runtime API of the tests", () => {
  test("sends an invocation with its headers, and takes one answer", async () => {
    const { api, ask } = await host();
    const answer = api.invoke({ n: 1 }, 3000);
    const next = await ask("GET", `${runtime}/invocation/next`);
    expect(next).toMatchObject({ status: 200, body: { n: 1 } });
    const id = next.headers.get("lambda-runtime-aws-request-id");
    expect(Number(next.headers.get("lambda-runtime-deadline-ms")) - Date.now()).toBeGreaterThan(1000);
    expect(next.headers.get("lambda-runtime-invoked-function-arn")).toMatch(/^arn:aws:lambda:/);
    const response = `${runtime}/invocation/${id}/response`;
    expect(await ask("POST", response, {}, { n: 2 })).toMatchObject({ status: 202 });
    expect(await answer).toMatchObject({ ok: true, body: { n: 2 }, pieces: undefined });
    expect(await ask("POST", response, {}, { n: 3 })).toMatchObject({
      status: 400,
      body: { errorType: "InvalidRequestID" },
    });
  });

  test("takes an error of an invocation, and one of the initialization", async () => {
    const { api, ask } = await host();
    const answer = api.invoke({});
    const next = await ask("GET", `${runtime}/invocation/next`);
    const id = next.headers.get("lambda-runtime-aws-request-id");
    const error = { errorType: "RangeError", errorMessage: "too far" };
    expect(await ask("POST", `${runtime}/invocation/${id}/error`, {}, error)).toMatchObject({ status: 202 });
    expect(await answer).toMatchObject({ ok: false, body: error });
    expect(await ask("POST", `${runtime}/init/error`, {}, error)).toMatchObject({ status: 202 });
    await expect(api.idle()).rejects.toThrow("too far");
  });
});

describe("the Extensions API of the tests", () => {
  const named = { "lambda-extension-name": "one" };

  test("registers before the first invocation is asked for, and not after it", async () => {
    const { api, ask } = await host();
    const first = await ask("POST", `${extension}/register`, named, { events: [] });
    expect(first).toMatchObject({ status: 200, body: { functionName: "shop" } });
    expect(first.headers.get("lambda-extension-identifier")).toMatch(/^[0-9a-f-]{36}$/);
    const answer = api.invoke({});
    const next = await ask("GET", `${runtime}/invocation/next`);
    const id = next.headers.get("lambda-runtime-aws-request-id");
    await ask("POST", `${runtime}/invocation/${id}/response`, {}, null);
    await answer;
    expect(await ask("POST", `${extension}/register`, named, { events: [] })).toMatchObject({ status: 403 });
  });

  test("tells an internal extension of no shutdown, and an external one of its events", async () => {
    const { api, ask } = await host(["outside"]);
    expect(await ask("POST", `${extension}/register`, named, { events: ["SHUTDOWN"] })).toMatchObject({
      status: 403,
      body: { errorType: "ShutdownEventNotSupportedForInternalExtension" },
    });
    const events = { events: ["INVOKE", "SHUTDOWN"] };
    const outside = await ask(
      "POST",
      `${extension}/register`,
      { "lambda-extension-name": "outside" },
      events,
    );
    const own = { "lambda-extension-identifier": outside.headers.get("lambda-extension-identifier")! };
    const told = ask("GET", `${extension}/event/next`, own);
    await expect.poll(() => api.extensions[0]?.parked).toBeTypeOf("function");
    api.tell(api.extensions, { eventType: "SHUTDOWN", shutdownReason: "spindown", deadlineMs: 1 });
    expect(await told).toMatchObject({ status: 200, body: { eventType: "SHUTDOWN" } });
    // An event is kept for an extension that has not asked yet.
    api.tell(api.extensions, { eventType: "INVOKE", requestId: "later" });
    expect(await ask("GET", `${extension}/event/next`, own)).toMatchObject({ body: { requestId: "later" } });
    expect(await ask("GET", `${extension}/event/next`, { "lambda-extension-identifier": "none" }))
      .toMatchObject({ status: 403 });
  });
});
