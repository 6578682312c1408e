import { expect, onTestFinished, test } from "vitest";
import { Kvm } from "@nats-io/kv";
import { fleetController } from "../../../components/fleet.ts";
import { tokenOf } from "../../../components/fleet/names.ts";
import { connectTo, serverOfFile, wayTo } from "./_nats.ts";
import { startNode, until } from "./_node.ts";

const server = serverOfFile();

test("members tell their state, version, generation, rights and load", async () => {
  const one = await startNode(server.port, {
    name: "tells",
    node: "one",
    version: "1.2.3",
    load: () => 0.5,
    rights: ["reload", "graceful"],
  });
  await one.fleet.value.reload("a");
  await until("it is ready", async () => (await one.fleet.value.members())[0]?.ready);
  expect(await one.fleet.value.members()).toEqual([{
    node: "one",
    bus: "web",
    instance: expect.any(String),
    pid: process.pid,
    runtime: expect.stringMatching(/^(node|deno|bun) \d/),
    version: "1.2.3",
    state: "run",
    ready: true,
    generation: 1,
    applied: { generation: 1, ok: true, ms: expect.any(Number) },
    load: 0.5,
    rights: ["reload", "graceful"],
  }]);
});

test("a member that leaves is gone at once, and one that is cut off after a while", async () => {
  const way = await wayTo(server.port);
  onTestFinished(() => way.end());
  const one = await startNode(server.port, { name: "leaves", node: "one", expireMs: 1_000 });
  const two = await startNode(server.port, { name: "leaves", node: "two" });
  const three = await startNode(way.port, { name: "leaves", node: "three" });
  const names = async () => (await one.fleet.value.members()).map(({ node }) => node);
  expect(await names()).toEqual(["one", "three", "two"]);
  await two.bus.stop();
  expect(await names()).toEqual(["one", "three"]);
  way.cut();
  await until("it has expired", async () => (await names()).length === 1);
  way.heal();
  await until("it is back", async () => (await names()).length === 2);
  expect(three.bus.state).toBe("run");
});

test("a node may have any name", async () => {
  const names = ["web-1.example.com", "a b", "*", ">", "ü/=.", "member.>"];
  for (const node of names) await startNode(server.port, { name: "names", node });
  const one = await startNode(server.port, { name: "names", node: "one" });
  const { ok, receipts } = await one.fleet.value.reload("a");
  expect(ok).toBe(true);
  expect(receipts.map(({ path }) => path).sort()).toEqual([...names, "one"].sort());
  expect(tokenOf("web 1.example")).toBe("web=201=2Eexample");
});

test("two processes of one name are told of", async () => {
  const one = await startNode(server.port, { name: "double", node: "one", expireMs: 600 });
  await startNode(server.port, { name: "double", node: "one" });
  await until("it is said", () => one.said("doubled").length === 1);
});

test("a controller that is no node sees the fleet and reloads it", async () => {
  const one = await startNode(server.port, { name: "control", node: "one" });
  const controller = await fleetController({ name: "control", connect: () => connectTo(server.port) });
  onTestFinished(() => controller.close());
  expect(await controller.reload("a")).toMatchObject({ generation: 1, ok: true });
  expect(one.reloads).toEqual(["a"]);
  expect(await controller.status()).toMatchObject({ generation: 1, members: [{ node: "one" }] });
});

test("buckets that somebody else made are used where they fit, and else refused", async () => {
  const connection = await connectTo(server.port);
  onTestFinished(() => connection.close());
  const kvm = new Kvm(connection);
  await kvm.create("sitebus_fits");
  await kvm.create("sitebus_fits_live", { ttl: 900 });
  const fits = await startNode(server.port, { name: "fits", node: "one" });
  expect((await fits.fleet.value.reload("a")).ok).toBe(true);

  await kvm.create("sitebus_stays_live");
  const stays = await startNode(server.port, { name: "stays", node: "one" });
  expect(stays.bus.state).toBe("run");
  expect(stays.said("unreachable")).toEqual([
    'Cannot join the fleet "stays", goes on without it and tries again: ' +
    'The bucket "sitebus_stays_live" was made by somebody else: its entries do not expire',
  ]);
});

test("what somebody else writes into the buckets harms nobody", async () => {
  const one = await startNode(server.port, { name: "rubbish", node: "one" });
  const connection = await connectTo(server.port);
  onTestFinished(() => connection.close());
  const [state, live] = await Promise.all([
    new Kvm(connection).open("sitebus_rubbish"),
    new Kvm(connection).open("sitebus_rubbish_live"),
  ]);
  for (const key of ["generation", "roll", "command", "halted", "other"]) {
    for (const text of ["", "null", "7", "{", "[]", "{}"]) await state.put(key, text);
  }
  await live.put("member.other", "rubbish");
  await live.put("slot.0", "rubbish");
  await state.delete("generation");
  expect((await one.fleet.value.reload("a")).ok).toBe(true);
  expect(one.log.filter(({ level }) => level === "error")).toEqual([]);
});
