import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { requestSignal, RequestSignals } from "../../../components/http/request_signal.ts";
import { closeWithServer } from "../../../components/http.ts";
import { runtime, start } from "../../spawn.ts";

/** A response of Node's. */
class FakeResponse extends EventEmitter {
  writableFinished = false;
  destroyed = false;
}

const url = "http://localhost/";

test("a Request's signal fires when the server ends, with its reason, and at once where that is past", () => {
  const signals = new RequestSignals();
  const [early, late] = [new Request(url), new Request(url)];
  signals.give(early);
  signals.give(late);
  const { signal } = early;
  expect([signal.aborted, early.signal === signal, requestSignal(early) === signal]).toEqual([
    false,
    true,
    true,
  ]);
  signals.endAll();
  const reason = expect.objectContaining({ name: "AbortError", message: "The server ends" });
  expect([signal.reason, late.signal.reason]).toEqual([reason, reason]);
});

test("only the signals of event streams fire when the server accepts no more", () => {
  const signals = new RequestSignals();
  const make = (init: RequestInit, type?: string) => {
    const request = new Request(url, init);
    signals.give(request);
    const { signal } = request;
    if (type !== undefined) {
      signals.answered(request, new Response("", { headers: { "content-type": type } }));
    }
    return signal;
  };
  const events = "text/event-stream";
  const all = {
    answered: make({}, `${events}; charset=utf-8`),
    asked: make({ headers: { accept: events } }),
    posted: make({ method: "POST" }, events),
    text: make({}, "text/plain"),
    pending: make({ headers: { accept: `application/json, ${events}` } }),
  };
  const fired = () => Object.entries(all).filter(([, { aborted }]) => aborted).map(([name]) => name);
  signals.endReconnecting();
  expect(fired()).toEqual(["answered", "asked"]);
  expect(make({ headers: { accept: events } }).aborted).toBe(true);
  signals.endAll();
  expect(fired()).toEqual(Object.keys(all));
});

test("a Request's signal fires with the runtime's, and does not where the answer was sent", async () => {
  const signals = new RequestSignals();
  const make = (sent?: Promise<void>) => {
    const native = new AbortController();
    const request = new Request(url, { signal: native.signal });
    signals.give(request, sent && { completed: sent });
    const { signal } = request;
    return { native, signal };
  };
  const never = new Promise<void>(() => {});
  const failed = Promise.reject(new Error("not sent"));
  const all = [make(), make(never), make(failed), make(Promise.resolve())];
  for (const { native } of all) native.abort("the client is gone");
  await new Promise((resolve) => setTimeout(resolve));
  expect(all.map(({ signal }) => signal.aborted)).toEqual([true, true, true, false]);
});

test("the signal of a request of Node's fires when its client goes away, and not when it was answered", () => {
  const signals = new RequestSignals();
  const make = () => {
    const [request, response] = [{}, new FakeResponse()];
    signals.note(request, response);
    return { response, signal: requestSignal(request), again: requestSignal(request) };
  };
  const [gone, answered, open] = [make(), make(), make()];
  expect(gone.signal).toBe(gone.again);
  gone.response.emit("close");
  answered.response.writableFinished = true;
  answered.response.emit("close");
  expect([gone, answered, open].map(({ signal }) => signal.aborted)).toEqual([true, false, false]);
  signals.endAll();
  expect(open.signal.aborted).toBe(true);
});

test("srvx's Request on Node has the signal of Node's request", () => {
  const signals = new RequestSignals();
  const [req, response] = [{}, new FakeResponse()];
  signals.note(req, response);
  expect(requestSignal({ runtime: { name: "node", node: { req } } })).toBe(requestSignal(req));
});

test("srvx's Request on Deno has a signal by its server, which nothing but its own server gave it", () => {
  const signals = new RequestSignals();
  const server = {};
  signals.mark(server);
  const info = { completed: new Promise<void>(() => {}) };
  const make = (server: object) =>
    Object.assign(new Request(url), { runtime: { name: "deno", deno: { server, info } } });
  const request = make(server);
  expect(requestSignal(request)).toBe(requestSignal(request));
  expect(() => requestSignal(make({}))).toThrow("the request is none that");
  signals.endAll();
  expect(requestSignal(request).aborted).toBe(true);
});

test("a request that nobody serves is refused", () => {
  const message = 'the request is none that "httpServer" serves';
  expect(() => requestSignal(new Request(url))).toThrow(`Cannot find the signal of the request: ${message}`);
  const socket = { close() {}, addEventListener() {} };
  expect(() => closeWithServer(socket, {})).toThrow(`Cannot close the WebSocket with its server: ${message}`);
});

test("signals that were listened to do not stay when their requests are over", async (context) => {
  if (runtime === "node") context.skip("The program serves by Deno.serve or Bun.serve");
  const flags = runtime === "deno" ? ["--v8-flags=--expose-gc"] : [];
  const program = start("http_signal_leak", { flags, timeoutMs: 14_000 });
  const line = await program.waitForLine("left ");
  expect(Number(line.slice(5))).toBeLessThan(100);
});
