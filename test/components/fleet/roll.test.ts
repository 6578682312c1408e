import { expect, onTestFinished, test } from "vitest";
import { Kvm } from "@nats-io/kv";
import { fleetController, type FleetRoll } from "../../../components/fleet.ts";
import type { Pool } from "../../../components/units.ts";
import { notePool } from "../../../components/units/pools_of.ts";
import { patient } from "../../../scripts/patience.ts";
import { connectTo, serverOfFile, startNats, wayTo } from "./_nats.ts";
import { startNode, type TestNode, until } from "./_node.ts";

const server = serverOfFile();

const rights = ["reload", "graceful", "restart"] as const;

/** Starts nodes whose turn takes so long, by a pool that is none; `most` is how many had it at once. */
async function startAll(
  name: string,
  count: number,
  { ms = 50, turn = () => {}, port = server.port }: {
    readonly ms?: number;
    readonly turn?: (node: string) => void;
    readonly port?: number;
  } = {},
): Promise<{ readonly nodes: readonly TestNode[]; readonly rolled: string[]; readonly most: () => number }> {
  const rolled: string[] = [];
  let now = 0;
  let most = 0;
  const nodes = await Promise.all(Array.from({ length: count }, async (_, index) => {
    const node = `n${index + 1}`;
    const made = await startNode(port, { name, node, rights, expireMs: patient(1_500) });
    notePool(made.bus, {
      async roll() {
        most = Math.max(most, ++now);
        try {
          await new Promise((resolve) => setTimeout(resolve, ms));
          turn(node);
          rolled.push(node);
        } finally {
          now--;
        }
      },
    } as Pool);
    return made;
  }));
  return { nodes, rolled, most: () => most };
}

test("a roll gives each node its turn, so many at once", async () => {
  const { nodes, rolled, most } = await startAll("turns", 6);
  const progress: FleetRoll[] = [];
  const roll = await nodes[0]!.fleet.value.roll("restart", {
    atOnce: 2,
    progress: (roll) => void progress.push(roll),
  });
  expect(roll).toMatchObject({ how: "restart", isOver: true, ok: true, failed: [], waiting: [], left: [] });
  expect([...roll.done].sort()).toEqual(["n1", "n2", "n3", "n4", "n5", "n6"]);
  expect(rolled.sort()).toEqual(["n1", "n2", "n3", "n4", "n5", "n6"]);
  expect(most()).toBe(2);
  expect(progress.length).toBeGreaterThan(4);
  expect((await nodes[1]!.fleet.value.roll("restart")).done).toHaveLength(6);
  expect(rolled).toHaveLength(12);
});

test("a bus without a pool idles and runs again, and stays in the fleet", async () => {
  const states: string[] = [];
  const one = await startNode(server.port, { name: "graceful", node: "one", rights });
  const two = await startNode(server.port, { name: "graceful", node: "two", rights });
  one.bus.subscribe("idle", () => void states.push("one"));
  two.bus.subscribe("idle", () => void states.push("two"));
  expect(await one.fleet.value.roll("graceful")).toMatchObject({
    ok: true,
    failed: [],
    done: ["one", "two"],
  });
  expect(states.sort()).toEqual(["one", "two"]);
  expect(one.said("joined")).toHaveLength(1);
  expect((await one.fleet.value.reload("a")).ok).toBe(true);
});

test("the first failure ends a roll, and with keepGoing the others go on", async () => {
  const fails = (node: string) => {
    if (node === "n2") throw new Error("the new one does not start");
  };
  const { nodes, rolled } = await startAll("fails", 4, { turn: fails });
  const roll = await nodes[0]!.fleet.value.roll("restart");
  expect(roll).toMatchObject({ isOver: true, ok: false });
  expect(roll.failed).toEqual([{ node: "n2", error: "the new one does not start" }]);
  expect(roll.done.length + roll.waiting.length).toBe(3);
  const before = rolled.length;
  const again = await nodes[0]!.fleet.value.roll("restart", { keepGoing: true });
  expect(again).toMatchObject({ isOver: true, ok: false, waiting: [] });
  expect(again.done).toHaveLength(3);
  expect(rolled.length - before).toBe(3);
});

test("a node that does not grant it ends the roll", async () => {
  const one = await startNode(server.port, { name: "grants", node: "one" });
  expect((await one.fleet.value.roll("restart")).failed).toEqual([
    { node: "one", error: 'the node does not grant the right "restart"' },
  ]);
  expect(one.bus.state).toBe("run");
});

test("a roll goes on when its controller dies, and another controller follows it to its end", async () => {
  const { rolled } = await startAll("resumes", 4, { ms: 150 });
  const first = await fleetController({ name: "resumes", connect: () => connectTo(server.port) });
  const lost = first.roll("restart", { within: 200 }).catch(() => "lost");
  await until("one had its turn", () => rolled.length === 1);
  await first.close();
  const second = await fleetController({ name: "resumes", connect: () => connectTo(server.port) });
  onTestFinished(() => second.close());
  expect((await second.status()).roll).toMatchObject({ isOver: false });
  await expect(second.roll("graceful")).rejects.toThrow('a roll of the kind "restart" is under way');
  const roll = await second.roll("restart");
  expect(roll).toMatchObject({ ok: true, isOver: true });
  expect(rolled.sort()).toEqual(["n1", "n2", "n3", "n4"]);
  await lost;
});

test("two controllers that begin at once follow the same roll", async () => {
  const { nodes, rolled } = await startAll("both", 3);
  const [one, two] = await Promise.all([
    nodes[0]!.fleet.value.roll("restart"),
    nodes[1]!.fleet.value.roll("restart"),
  ]);
  expect(one.id).toBe(two!.id);
  expect(rolled).toHaveLength(3);
});

test("a node that is cut off in its turn loses its slot after a while, and that ends the roll", async () => {
  const way = await wayTo(server.port);
  onTestFinished(() => way.end());
  let cut = false;
  const { nodes } = await startAll("dies", 2, { ms: 10 });
  const bad = await startNode(way.port, { name: "dies", node: "n0", rights, expireMs: patient(1_500) });
  notePool(bad.bus, {
    async roll() {
      cut = true;
      way.cut();
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref?.());
    },
  } as Pool);
  const roll = await nodes[0]!.fleet.value.roll("restart", { within: patient(15_000) });
  expect(cut).toBe(true);
  expect(roll).toMatchObject({ isOver: true, ok: false });
  expect(roll.failed).toEqual([{
    node: "n0",
    error: expect.stringMatching(/died in its turn|gone since its turn/),
  }]);
}, patient(30_000));

test("a server that is killed in a roll delays it, and does not end it", async () => {
  const own = await startNats();
  onTestFinished(() => own.end());
  const { nodes, rolled } = await startAll("killed", 4, { ms: 200, port: own.port });
  const rolling = nodes[0]!.fleet.value.roll("restart", { atOnce: 1 });
  await until("one had its turn", () => rolled.length === 1);
  await own.kill();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await own.restart();
  const roll = await rolling;
  expect(roll).toMatchObject({ ok: true, failed: [] });
  expect(rolled.sort()).toEqual(["n1", "n2", "n3", "n4"]);
}, patient(30_000));

test("a slot is renewed for as long as the turn takes", async () => {
  const { nodes, most, rolled } = await startAll("long", 2, { ms: patient(2_000) });
  const roll = await nodes[0]!.fleet.value.roll("restart");
  expect(roll.ok).toBe(true);
  expect([most(), rolled.length]).toEqual([1, 2]);
}, patient(30_000));

test("a roll takes no slot away that somebody else has", async () => {
  const { nodes, rolled } = await startAll("taken", 1, { ms: 1 });
  const connection = await connectTo(server.port);
  onTestFinished(() => connection.close());
  const live = await new Kvm(connection).open("sitebus_taken_live");
  await live.put("slot.0", JSON.stringify({ roll: "another", node: "other" }));
  const began = performance.now();
  const roll = await nodes[0]!.fleet.value.roll("restart");
  expect(roll.ok).toBe(true);
  expect(rolled).toEqual(["n1"]);
  expect(performance.now() - began).toBeGreaterThan(700);
});
