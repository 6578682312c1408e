import { expect, test } from "vitest";
import type { Pool } from "../../../components/units.ts";
import { notePool } from "../../../components/units/pools_of.ts";
import { controlled, rawly } from "./_asking.ts";

test("a goal is reached before it is answered, and the log says who asked", async () => {
  const { bus, ask, records } = await controlled();
  await bus.start();
  const { status, json } = await ask("/goal", { body: { goal: "stop" } });
  expect([status, json]).toEqual([200, { ok: true, ms: expect.any(Number) }]);
  expect(bus.state).toBe("idle");
  expect((await ask("/goal", { body: { goal: "start" } })).json.ok).toBe(true);
  expect((await ask("/goal", { body: { goal: "graceful" } })).json.ok).toBe(true);
  expect(bus.state).toBe("run");
  expect(records.filter(({ event }) => event === "control" && true).map(({ action }) => action)).toEqual([
    undefined,
    "stop",
    "start",
    "graceful",
  ]);
});

test("whoever asks for the exit is answered when the bus has exited", async () => {
  const { bus, ask } = await controlled({ setup: (bus) => void bus.use({ name: "db", stop: () => {} }) });
  await bus.start();
  const { status, json } = await ask("/goal", { body: { goal: "exit", code: 3 } });
  expect([status, json]).toEqual([200, { ok: true, ms: expect.any(Number) }]);
  expect(bus.state).toBe("exited");
  expect(await bus.block()).toBe(3);
});

test("an exit with a failure is no success", async () => {
  const { bus, ask } = await controlled({
    setup: (bus) => void bus.use({ name: "db", stop: () => Promise.reject(new Error("the disk is full")) }),
  });
  await bus.start();
  const { status, json } = await ask("/goal", { body: { goal: "exit" } });
  expect(status).toBe(500);
  expect(json.ok).toBe(false);
  expect(json.error).toContain("the disk is full");
});

test("what is not waited for is answered at once", async () => {
  let release = () => {};
  const { bus, ask } = await controlled({
    setup: (bus) =>
      void bus.use({ name: "db", stop: () => new Promise<void>((resolve) => release = resolve) }),
  });
  await bus.start();
  const { status, json } = await ask("/goal", { body: { goal: "stop", wait: false } });
  expect([status, json]).toEqual([202, { ok: true, asked: true, ms: expect.any(Number) }]);
  await expect.poll(() => bus.state).toBe("stop");
  release();
});

test("a reload answers with its generation, a vetoed one with the reason", async () => {
  const seen: unknown[] = [];
  let veto = false;
  const { bus, ask } = await controlled({
    setup: (bus) =>
      void bus.subscribe("reload", ({ details }) => {
        if (veto) throw new Error("the file is empty");
        return { commit: () => seen.push(details) };
      }, { name: "settings" }),
  });
  await bus.start();
  expect((await ask("/reload", { method: "POST" })).json).toMatchObject({ ok: true, generation: 1 });
  const second = await ask("/reload", { body: { details: { level: "debug" } } });
  expect(second.json).toMatchObject({ ok: true, generation: 2 });
  expect(seen).toEqual([undefined, { level: "debug" }]);
  veto = true;
  const { status, json } = await ask("/reload", { body: {} });
  expect([status, json.ok]).toEqual([500, false]);
  expect(json.error).toContain("the file is empty");
  expect((await ask("/status")).json.generation).toBe(2);
});

test("what cannot come any more is a conflict", async () => {
  let release = () => {};
  const { bus, ask } = await controlled({
    setup: (bus) =>
      void bus.use({ name: "db", stop: () => new Promise<void>((resolve) => release = resolve) }),
  });
  await bus.start();
  const exit = bus.exit();
  await expect.poll(() => bus.state).toBe("stop");
  const { status, json } = await ask("/goal", { body: { goal: "start" } });
  expect([status, json.ok]).toEqual([409, false]);
  expect((await ask("/reload", { body: {} })).status).toBe(409);
  release();
  await exit;
});

test("what is nothing that can be asked is refused, and nothing is done", async () => {
  const { bus, ask } = await controlled();
  await bus.start();
  const refused = async (path: string, body: unknown) => {
    const { status, json } = await ask(path, { body });
    return [status, json.error];
  };
  expect(await refused("/goal", { goal: "sleep" })).toEqual([
    400,
    'The goal is "sleep", expected one of start, graceful, stop, restart, exit',
  ].map((one) =>
    typeof one === "string" ? expect.stringContaining('The goal is "sleep", expected one of') : one
  ));
  expect(await refused("/goal", {})).toEqual([400, expect.stringContaining("The goal is undefined")]);
  expect(await refused("/goal", { goal: ["exit"] })).toEqual([400, expect.stringContaining("an object")]);
  expect(await refused("/goal", { goal: "stop", code: 1 })).toEqual([
    400,
    expect.stringContaining('"code" is 1'),
  ]);
  expect(await refused("/goal", { goal: "exit", code: 256 })).toEqual([400, expect.stringContaining("256")]);
  expect(await refused("/goal", { gaol: "exit" })).toEqual([
    400,
    expect.stringContaining('Unknown field "gaol"'),
  ]);
  expect(await refused("/goal", { goal: "exit", wait: "no" })).toEqual([
    400,
    expect.stringContaining('"wait"'),
  ]);
  expect(await refused("/goal", "goal=exit")).toEqual([400, "The body is no JSON"]);
  expect(await refused("/goal", "[1]")).toEqual([400, "The body is a list, expected an object"]);
  expect(await refused("/goal", "null")).toEqual([400, "The body is null, expected an object"]);
  expect(await refused("/units/roll", {})).toEqual([404, "There is no pool of units"]);
  expect(bus.state).toBe("run");
});

test("a right that was not given is refused by name", async () => {
  const { bus, ask } = await controlled({ rights: ["reload"] });
  await bus.start();
  const { status, json } = await ask("/goal", { body: { goal: "exit" } });
  expect([status, json.error]).toEqual([403, 'Cannot exit: the right "exit" is not given here']);
  expect((await ask("/reload", { body: {} })).status).toBe(200);
});

function fakePool(bus: object, name: string) {
  const calls: unknown[] = [];
  let release: () => void = () => {};
  const rolled = new Promise<void>((resolve) => release = resolve);
  const unit = { id: 7, name: `${name}/1`, kind: "process", pid: 1, state: "run", generation: 2 } as const;
  const since = Date.now() - 50;
  const pool: Pool = {
    name,
    units: () => [],
    scale: async (count: number) => void calls.push(count),
    roll: () => (calls.push("roll"), rolled),
    status: async () => ({
      name,
      kind: "process",
      count: 1,
      serving: 1,
      rolling: false,
      degraded: { since, restarts: 6, maxRestarts: 5, restartWindowMs: 60_000 },
      lastRoll: { ok: false, at: since, ms: 12, error: "it does not start" },
      units: [{ ...unit, since, memory: 1e6, inFlight: 2 }],
    }),
    sockets: {},
    degraded: true,
    rollError: undefined,
  };
  notePool(bus, pool);
  return { calls, release };
}

test("pools are rolled and scaled by name, and their units are in the status", async () => {
  const { bus, ask } = await controlled();
  const web = fakePool(bus, "web");
  fakePool(bus, "jobs");
  await bus.start();
  expect((await ask("/status")).json).toMatchObject({
    inFlight: 4,
    pools: [
      { name: "web", kind: "process", count: 1, serving: 1, rolling: false, degraded: true },
      { name: "jobs" },
    ],
    units: [
      {
        ...{ id: 7, name: "web/1", kind: "process", pid: 1, state: "run", generation: 2 },
        ...{ memory: 1e6, inFlight: 2 },
      },
      { name: "jobs/1" },
    ],
    degraded: [{ pool: "web", restarts: 6 }, { pool: "jobs" }],
    lastRoll: { ok: false, error: "it does not start" },
  });
  expect((await ask("/units/scale", { body: { pool: "web", count: 3 } })).json.ok).toBe(true);
  expect(web.calls).toEqual([3]);
  expect((await ask("/units/scale", { body: { count: 3 } })).json.error).toBe(
    '"pool" is missing, expected one of "web", "jobs"',
  );
  expect((await ask("/units/scale", { body: { pool: "x", count: 3 } })).status).toBe(404);
  expect((await ask("/units/scale", { body: { pool: "web", count: 1.5 } })).status).toBe(400);
  web.release();
  expect((await ask("/units/roll", { body: { pool: "web" } })).json.ok).toBe(true);
});

test("a client that goes away in the middle of a roll does not end it", async () => {
  const { bus, ask, path } = await controlled();
  const web = fakePool(bus, "web");
  await bus.start();
  const socket = await rawly(path, "POST /units/roll HTTP/1.1\r\nhost: bus\r\ncontent-length: 2\r\n\r\n{}");
  await expect.poll(() => web.calls).toEqual(["roll"]);
  socket.destroy();
  expect((await ask("/status")).status).toBe(200);
  web.release();
  await expect.poll(async () => (await ask("/status")).status).toBe(200);
});
