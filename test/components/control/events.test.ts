import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { controlled, rawly } from "./_asking.ts";

/** Reads events of a socket; `text()` is what has come so far. */
function reading(
  socketPath: string,
  path = "/events",
): Promise<{ text(): string; close(): void; ended(): boolean }> {
  return new Promise((resolve, reject) => {
    let text = "";
    let ended = false;
    const outgoing = request({ socketPath, path, agent: false }, (incoming) => {
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk) => text += chunk);
      incoming.on("close", () => ended = true);
      incoming.on("error", () => {});
      expect(incoming.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
      resolve({ text: () => text, close: () => outgoing.destroy(), ended: () => ended });
    });
    outgoing.on("error", (error) => ended ? undefined : reject(error));
    outgoing.end();
    onTestFinished(() => void outgoing.destroy());
  });
}

const poll = <T>(look: () => T) => expect.poll(look, { timeout: patient(5000) });

test("every record of the log is an event with the record as its data", async () => {
  const { bus, path } = await controlled({ setup: (bus) => void bus.use({ name: "db", stop: () => {} }) });
  await bus.start();
  const { text, ended } = await reading(path);
  await poll(text).toContain(': the log of "shop"\n\n');
  bus.log("two\nlines", { event: "order", id: 7n, error: new Error("no stock") });
  bus.log("without an event");
  await poll(text).toContain("event: log\n");
  const [, event = "", data = ""] = /event: (order)\ndata: (.*)\n\n/.exec(text()) ?? [];
  expect(event).toBe("order");
  expect(JSON.parse(data)).toMatchObject({
    level: "info",
    message: "two\nlines",
    bus: "shop",
    state: "run",
    id: "7",
    error: { message: "no stock" },
  });
  await bus.stop();
  await poll(text).toMatch(/event: component\ndata: .*"status":"down"/);
  await bus.exit();
  await poll(ended).toBe(true);
  expect(text()).toContain('"state":"exit"');
});

test("a reader gets the levels that it asks for, and an unknown level is refused", async () => {
  const { bus, path, ask } = await controlled();
  await bus.start();
  const { text } = await reading(path, "/events?level=warn");
  bus.log("small", { level: "info" });
  bus.log("large", { level: "warn" });
  await poll(text).toContain("large");
  expect(text()).not.toContain("small");
  expect((await ask("/events?level=loud")).status).toBe(400);
});

test("a reader that goes away is a reader no more", async () => {
  const { bus, path, ask } = await controlled();
  await bus.start();
  const readers = async () => /sitebus_event_readers (\d+)/.exec((await ask("/metrics")).text)?.[1];
  expect(await readers()).toBe("0");
  const { close } = await reading(path);
  expect(await readers()).toBe("1");
  close();
  await expect.poll(readers, { timeout: patient(5000) }).toBe("0");
});

test("a reader that is a megabyte behind is cut, and the others go on", async () => {
  const { bus, path, ask } = await controlled();
  await bus.start();
  const slow = await rawly(path, "GET /events HTTP/1.1\r\nhost: bus\r\n\r\n");
  slow.pause();
  const { text } = await reading(path);
  const dropped = async () =>
    /sitebus_event_readers_dropped_total (\d+)/.exec((await ask("/metrics")).text)?.[1];
  const filler = "x".repeat(64_000);
  for (let i = 0; i < 80 && await dropped() === "0"; i++) {
    bus.log(`${i} ${filler}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await dropped()).toBe("1");
  bus.log("the last one");
  await poll(text).toContain("the last one");
});
