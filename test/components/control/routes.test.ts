import { expect, test } from "vitest";
import { control } from "../../../components/control.ts";
import { inline, ProcessBus } from "../../../mod.ts";
import { testing } from "../../../platforms/testing.ts";
import { askAt, controlled, ownFolder } from "./_asking.ts";

test("the status tells what the process is, and what its components do", async () => {
  const { bus, ask } = await controlled({
    version: "1.2.3",
    setup: (bus) => {
      bus.use({ name: "db", start: () => "connection", check: () => true });
      bus.use({ name: "web", dependsOn: "all", start: () => {} });
    },
  });
  await bus.start();
  const { status, json, headers } = await ask("/status");
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(headers["cache-control"]).toBe("no-store");
  expect(json).toMatchObject({
    name: "shop",
    version: "1.2.3",
    platform: "inline",
    state: "run",
    settled: true,
    ready: true,
    generation: 0,
    pending: [],
    units: [],
    components: [
      { name: "db", state: "up", check: "passed", dependsOn: [] },
      { name: "web", state: "up", dependsOn: ["db"] },
    ],
  });
  expect(json.runtime).toMatch(/^(Node|Deno|Bun) \d/);
  expect(json.sinceMs).toBeGreaterThanOrEqual(0);
  expect(json.uptimeMs).toBeGreaterThan(0);
  expect(json.memory).toBeGreaterThan(1_000_000);
});

test("a component that hangs in a stop is named, with its time and what is left, while the bus waits for it", async () => {
  let release = () => {};
  const { bus, ask } = await controlled({
    deadlines: { stop: 60_000 },
    setup: (bus) => {
      bus.use({ name: "db", stop: () => {} });
      bus.use({
        name: "queue",
        dependsOn: ["db"],
        stop: () => new Promise<void>((resolve) => release = resolve),
      });
    },
  });
  await bus.start();
  const exit = bus.exit();
  await expect.poll(() => bus.state).toBe("stop");
  const { json } = await ask("/status");
  expect(json).toMatchObject({ state: "stop", settled: false, ready: false, goal: "exit" });
  expect(json.pending).toEqual([
    { name: "queue", state: "stop", pendingMs: expect.any(Number), leftMs: expect.any(Number) },
  ]);
  expect(json.pending[0]!.leftMs).toBeGreaterThan(50_000);
  expect(json.components).toMatchObject([
    { name: "db", state: "up", waitsFor: ["queue"] },
    { name: "queue", state: "stopping" },
  ]);
  const { json: timelines } = await ask("/timeline");
  expect(timelines.stop.ms).toBeUndefined();
  expect(timelines.stop.spans).toMatchObject([{ name: "queue", state: "stop", status: "running" }]);
  release();
  await exit;
});

test("it answers at idle, and after a graceful", async () => {
  const { bus, ask } = await controlled();
  await bus.start();
  await bus.stop();
  expect((await ask("/status")).json).toMatchObject({ state: "idle", ready: false });
  await bus.start();
  await bus.graceful();
  expect((await ask("/status")).json).toMatchObject({ state: "run", ready: true });
});

test("inspect answers what the bus reports", async () => {
  const { bus, ask } = await controlled();
  await bus.start();
  const { json } = await ask("/inspect");
  expect(json).toMatchObject({ bus: "shop", state: "run", components: [] });
  expect(json.channels["log"]!.map(({ name }) => name)).toContain("control");
});

test("an unknown path, a wrong method and a strange address are refused by name", async () => {
  const { bus, ask } = await controlled();
  await bus.start();
  const unknown = await ask("/nothing");
  expect(unknown.status).toBe(404);
  expect(unknown.json.error).toContain('There is no "/nothing", expected one of /, /status');
  const wrong = await ask("/status", { method: "DELETE" });
  expect([wrong.status, wrong.headers["allow"]]).toEqual([405, "GET, HEAD"]);
  const read = await ask("/goal");
  expect([read.status, read.headers["allow"]]).toEqual([405, "POST"]);
  expect((await ask("/status?x=1")).status).toBe(200);
  expect((await ask("/status", { method: "HEAD" })).text).toBe("");
});

test("the path of the socket is free again after the end", async () => {
  const { bus, ask, handle, path } = await controlled();
  await bus.start();
  expect(handle.path).toBe(path);
  await bus.exit();
  expect(handle.path).toBeUndefined();
  await expect(ask("/status")).rejects.toMatchObject({ code: "ENOENT" });
});

test("it can be opened while the bus runs, and closed before it ends", async () => {
  const { bus } = await controlled();
  await bus.start();
  const path = `${await ownFolder()}/second.sock`;
  const handle = control(bus, { path, name: "second" });
  expect(await handle.opened).toBe(true);
  expect((await askAt(path, "/status")).json).toMatchObject({ name: "second", state: "run" });
  await handle.close();
  await expect(askAt(path, "/status")).rejects.toThrow();
});

test("a log that nobody else listens to goes to the platform as it would without control", async () => {
  const platform = testing();
  const bus = new ProcessBus({ platform });
  const handle = control(bus, { path: `${await ownFolder()}/x.sock` });
  bus.log("nobody hears this", { level: "warn" });
  bus.log("nor must anybody", { level: "info" });
  expect(platform.reports.map(({ message }) => message)).toEqual(["nobody hears this"]);
  bus.subscribe("log", () => {});
  bus.log("somebody hears this", { level: "error" });
  expect(platform.reports).toHaveLength(1);
  await handle.close();
});

test("on a bus that has exited it opens nothing", async () => {
  const bus = new ProcessBus({ platform: inline() });
  await bus.exit();
  const handle = control(bus, { path: `${await ownFolder()}/x.sock` });
  expect([await handle.opened, handle.path]).toEqual([false, undefined]);
});
