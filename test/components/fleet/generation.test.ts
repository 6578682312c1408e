import { expect, onTestFinished, test } from "vitest";
import { connectTo, serverOfFile, startNats, type Way, wayTo } from "./_nats.ts";
import { newNode, startNode, until } from "./_node.ts";

const server = serverOfFile();

async function newWay(): Promise<Way> {
  const way = await wayTo(server.port);
  onTestFinished(() => way.end());
  return way;
}

test("a reload reaches all nodes, and each acknowledges it", async () => {
  const one = await startNode(server.port, { name: "all", node: "one" });
  const two = await startNode(server.port, { name: "all", node: "two" });
  const progress: string[] = [];
  const { generation, ok, receipts } = await one.fleet.value.reload({ color: "blue" }, {
    progress: (done, of) => void progress.push(`${done}/${of}`),
  });
  expect({ generation, ok }).toEqual({ generation: 1, ok: true });
  expect(receipts.map(({ path, bus, ok }) => ({ path, bus, ok }))).toEqual(
    expect.arrayContaining([{ path: "one", bus: "web", ok: true }, { path: "two", bus: "web", ok: true }]),
  );
  expect(progress).toEqual(["1/2", "2/2"]);
  expect([one.reloads, two.reloads]).toEqual([[{ color: "blue" }], [{ color: "blue" }]]);
  expect(two.fleet.value).toMatchObject({
    generation: 1,
    details: { color: "blue" },
    joined: true,
    node: "two",
  });
});

test("a node that starts later catches up", async () => {
  const one = await startNode(server.port, { name: "late", node: "one" });
  await one.fleet.value.reload("a");
  await one.fleet.value.reload("b");
  const two = await startNode(server.port, { name: "late", node: "two" });
  await until("the newest generation", () => two.fleet.value.generation === 2);
  expect(two.reloads).toEqual(["b"]);
});

test("a node that was cut off catches up, in order, and passes over what is not the newest", async () => {
  const way = await newWay();
  const one = await startNode(server.port, { name: "cut", node: "one" });
  const two = await startNode(way.port, { name: "cut", node: "two" });
  await one.fleet.value.reload(0);
  way.cut();
  await until("the loss is noticed", () => !two.fleet.value.joined);
  for (let number = 1; number <= 5; number++) await one.fleet.value.reload(number, { within: 50 });
  expect(two.fleet.value.generation).toBe(1);
  expect(two.bus.state).toBe("run");
  way.heal();
  await until("the newest generation", () => two.fleet.value.generation === 6);
  expect(two.reloads.at(-1)).toBe(5);
  expect(two.reloads).toEqual([...two.reloads].sort());
  expect(two.said("lost")).toHaveLength(1);
  expect(two.said("back")).toHaveLength(1);
});

test("a node that vetoes says so, keeps what it has, and the others go on", async () => {
  const one = await startNode(server.port, { name: "veto", node: "one" });
  const two = await startNode(server.port, {
    name: "veto",
    node: "two",
    veto: (details) => details === "black" ? "black is too dark" : undefined,
  });
  await one.fleet.value.reload("red");
  const { ok, receipts } = await one.fleet.value.reload("black");
  expect(ok).toBe(false);
  expect(receipts.find(({ path }) => path === "one")).toMatchObject({ ok: true });
  expect(receipts.find(({ path }) => path === "two")).toMatchObject({
    ok: false,
    error: expect.stringContaining("black is too dark"),
  });
  expect([one.reloads, two.reloads]).toEqual([["red", "black"], ["red"]]);
  const [, member] = await one.fleet.value.members();
  expect(member).toMatchObject({ node: "two", generation: 1, applied: { generation: 2, ok: false } });
});

test("a node without the right to reload refuses, and one that answers to nobody is late", async () => {
  const one = await startNode(server.port, { name: "rights", node: "one", rights: [] });
  const way = await newWay();
  await startNode(way.port, { name: "rights", node: "two" });
  way.cut();
  const { receipts } = await one.fleet.value.reload("x", { within: 300 });
  expect(receipts.map(({ error }) => error)).toEqual([
    'the node does not grant the right "reload"',
    "it did not acknowledge within 300 ms",
  ]);
});

test("without a server at the start the node runs, says so once, and joins later", async () => {
  const late = await startNats();
  const { port } = late;
  await late.kill();
  onTestFinished(() => late.end());
  const one = await startNode(port, {
    name: "later",
    node: "one",
    connect: () => connectTo(port, { reconnect: false }),
  });
  expect(one.bus.state).toBe("run");
  expect(one.fleet.value.joined).toBe(false);
  await expect(one.fleet.value.reload("x")).rejects.toThrow(
    'Cannot reload the fleet "later": the server cannot be reached',
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(one.said("unreachable")).toHaveLength(1);
  await late.restart();
  await until("it has joined", () => one.fleet.value.joined);
  expect((await one.fleet.value.reload("x")).ok).toBe(true);
  expect(one.said("joined")).toHaveLength(1);
});

test("a server that is killed and comes back stops nothing, and nothing is lost", async () => {
  const own = await startNats();
  onTestFinished(() => own.end());
  const one = await startNode(own.port, { name: "killed", node: "one" });
  const two = await startNode(own.port, { name: "killed", node: "two" });
  await one.fleet.value.reload("a");
  await own.kill();
  await until("the loss is noticed", () => !one.fleet.value.joined && !two.fleet.value.joined);
  expect([one.bus.state, two.bus.state]).toEqual(["run", "run"]);
  await own.restart();
  await until("both are back", () => one.fleet.value.joined && two.fleet.value.joined);
  expect(await one.fleet.value.reload("b")).toMatchObject({ generation: 2, ok: true });
  expect(two.reloads).toEqual(["a", "b"]);
});

test("two controllers at once make two generations, and all end with the newer one", async () => {
  const one = await startNode(server.port, { name: "two", node: "one" });
  const two = await startNode(server.port, { name: "two", node: "two" });
  const made = await Promise.all([one.fleet.value.reload("a"), two.fleet.value.reload("b")]);
  expect(made.map(({ generation }) => generation).sort()).toEqual([1, 2]);
  const newest = made[0].generation === 2 ? "a" : "b";
  await until("all have it", () => one.fleet.value.generation === 2 && two.fleet.value.generation === 2);
  expect([one.reloads.at(-1), two.reloads.at(-1)]).toEqual([newest, newest]);
});

test("details that the server does not take are refused at once", async () => {
  const one = await startNode(server.port, { name: "large", node: "one" });
  await expect(one.fleet.value.reload("x".repeat(2 ** 20))).rejects.toThrow(
    /^Cannot reload the fleet "large": it has \d+ bytes, and the server takes \d+$/,
  );
  await expect(one.fleet.value.reload(1n)).rejects.toThrow(TypeError);
  await expect(one.fleet.value.reload(() => {})).rejects.toThrow(TypeError);
  expect((await one.fleet.value.reload(undefined)).generation).toBe(1);
});

test("a bus that stops and starts again stays at the newest generation", async () => {
  const one = await startNode(server.port, { name: "again", node: "one" });
  const two = await startNode(server.port, { name: "again", node: "two" });
  await one.fleet.value.reload("a");
  await two.bus.stop();
  await until("it has left", async () => (await one.fleet.value.members()).length === 1);
  await one.fleet.value.reload("b");
  await two.bus.start();
  await until("it has the newest", () => two.fleet.value.generation === 2);
  expect(two.reloads).toEqual(["a", "b"]);
});

test("what is no fleet is refused", () => {
  const options = { connect: () => connectTo(1) };
  for (const name of ["", "a.b", "a b", "*", ">", "a".repeat(65)]) {
    expect(() => newNode(1, { ...options, name })).toThrow(/^Cannot join a fleet: the name is /);
  }
  expect(() => newNode(1, { ...options, name: "a", node: "" })).toThrow(TypeError);
  expect(() => newNode(1, { ...options, name: "a", rights: ["fly" as "stop"] })).toThrow(
    'Cannot join a fleet: the right "fly" is unknown',
  );
  expect(() => newNode(1, { ...options, name: "a", expireMs: 1 })).toThrow(RangeError);
  expect(() => newNode(1, { name: "a", connect: 1 as never })).toThrow('"connect" is 1, expected a function');
  expect(() => newNode(1, { ...options, name: "a", nope: 1 } as never)).toThrow('unknown option "nope"');
});
