import { expect, onTestFinished, test } from "vitest";
import { Kvm } from "@nats-io/kv";
import { site } from "../../../components/units.ts";
import type { CommandEntry } from "../../../components/fleet/entries.ts";
import { inline } from "../../../mod.ts";
import { webClock } from "../../../src/web_clock.ts";
import { connectTo, serverOfFile, type Way, wayTo } from "./_nats.ts";
import { startNode, until } from "./_node.ts";

const server = serverOfFile();

async function newWay(): Promise<Way> {
  const way = await wayTo(server.port);
  onTestFinished(() => way.end());
  return way;
}

test("what is published with the scope of the fleet reaches every node that grants it", async () => {
  const heard: string[] = [];
  const one = await startNode(server.port, { name: "scope", node: "one", rights: ["publish:hello"] });
  const two = await startNode(server.port, { name: "scope", node: "two", rights: ["publish:hello"] });
  await startNode(server.port, { name: "scope", node: "three" });
  for (const { bus, fleet } of [one, two]) {
    bus.subscribe("hello" as "log", (...args: unknown[]) => void heard.push(`${fleet.value.node} ${args}`));
  }
  const receipts = await site(one.bus).publish("hello", ["you", 1], { scope: "fleet" });
  expect(heard.sort()).toEqual(["one you,1", "two you,1"]);
  expect([...receipts].map(({ path, ok, error }) => [path, ok, error]).sort()).toEqual([
    ["one", true, undefined],
    ["three", false, 'the node does not grant the right "publish:hello"'],
    ["two", true, undefined],
  ]);
});

test("a reload with the scope of the fleet has a receipt of each node", async () => {
  const one = await startNode(server.port, { name: "reloads", node: "one" });
  const two = await startNode(server.port, { name: "reloads", node: "two", veto: () => "no" });
  const receipts = await site(one.bus).request("reload", { scope: "fleet", details: "a" });
  expect([...receipts].map(({ path, ok }) => [path, ok]).sort()).toEqual([["one", true], ["two", false]]);
  expect([one.reloads, two.reloads]).toEqual([["a"], []]);
});

test("nodes may be named, and what a node does not outlive is acknowledged when it begins", async () => {
  const one = await startNode(server.port, { name: "named", node: "one", rights: ["stop", "graceful"] });
  const two = await startNode(server.port, { name: "named", node: "two", rights: ["stop", "graceful"] });
  expect(await one.fleet.value.request("stop", { nodes: ["two"] })).toMatchObject([{
    path: "two",
    ok: true,
  }]);
  await until("it has stopped", () => two.bus.state === "idle");
  expect(one.bus.state).toBe("run");
  expect(await one.fleet.value.request("graceful")).toMatchObject([{ path: "one", ok: true }]);
  expect(one.said("joined")).toHaveLength(1);
});

test("a command is carried out once, however often it comes", async () => {
  let heard = 0;
  const one = await startNode(server.port, { name: "once", node: "one", rights: ["publish:hello"] });
  one.bus.subscribe("hello" as "log", () => void heard++);
  await one.fleet.value.publish("hello", []);
  const connection = await connectTo(server.port);
  onTestFinished(() => connection.close());
  const state = await new Kvm(connection).open("sitebus_once");
  const entry = await state.get("command");
  await state.put("command", entry!.string());
  await one.fleet.value.publish("hello", []);
  expect(heard).toBe(2);
  // One that starts later does not carry out what was said before.
  const two = await startNode(server.port, { name: "once", node: "two", rights: ["publish:hello"] });
  two.bus.subscribe("hello" as "log", () => void heard++);
  await one.fleet.value.publish("hello", [], { nodes: ["one"] });
  expect(heard).toBe(3);
});

test("a command that has expired, or is older than the generation of a node, is refused", async () => {
  let heard = 0;
  const way = await newWay();
  const one = await startNode(server.port, {
    name: "expires",
    node: "one",
    rights: ["reload", "publish:hello"],
  });
  const two = await startNode(way.port, {
    name: "expires",
    node: "two",
    rights: ["reload", "publish:hello"],
  });
  two.bus.subscribe("hello" as "log", () => void heard++);
  way.cut();
  await until("the loss is noticed", () => !two.fleet.value.joined);
  const receipts = await one.fleet.value.publish("hello", [], { within: 200 });
  expect(receipts.map(({ path, ok }) => [path, ok])).toEqual([["one", true], ["two", false]]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  way.heal();
  await until(
    "it is refused",
    () => two.log.some(({ event, message }) => event === "refused" && /expired/.test(message)),
  );
  expect(heard).toBe(0);

  await one.fleet.value.reload("a");
  const connection = await connectTo(server.port);
  onTestFinished(() => connection.close());
  const state = await new Kvm(connection).open("sitebus_expires");
  const old: CommandEntry = {
    ...JSON.parse((await state.get("command"))!.string()),
    id: "old",
    generation: 0,
  };
  await state.put("command", JSON.stringify({ ...old, expiresMs: 60_000 }));
  await until("it is refused", () => two.log.some(({ message }) => /given at generation 0/.test(message)));
  expect(heard).toBe(0);
});

test("a clock that is wrong by a minute changes nothing", async () => {
  for (const [name, minutes] of [["early", -1], ["ahead", 1]] as const) {
    let heard = 0;
    const clock = { ...webClock, time: () => Date.now() + minutes * 60_000 };
    const one = await startNode(server.port, {
      name,
      node: "one",
      rights: ["reload", "publish:hello", "graceful"],
    });
    const two = await startNode(server.port, {
      name,
      node: "two",
      rights: ["reload", "publish:hello", "graceful"],
      platform: inline({ clock }),
    });
    two.bus.subscribe("hello" as "log", () => void heard++);
    expect((await one.fleet.value.publish("hello", [])).every(({ ok }) => ok)).toBe(true);
    expect(heard).toBe(1);
    expect((await two.fleet.value.reload("a")).ok).toBe(true);
    expect((await two.fleet.value.roll("graceful")).ok).toBe(true);
  }
});

test("what cannot be asked is refused", async () => {
  const one = await startNode(server.port, { name: "refuses", node: "one" });
  await expect(one.fleet.value.request("fly" as "stop")).rejects.toThrow("expected one of");
  await expect(one.fleet.value.publish("hello", [1n])).rejects.toThrow(TypeError);
  await expect(one.fleet.value.roll("fly" as "restart")).rejects.toThrow(
    '"fly" is unknown, expected restart or graceful',
  );
  await expect(one.fleet.value.roll("restart", { atOnce: 0 })).rejects.toThrow(RangeError);
  expect(await one.fleet.value.request("exit")).toMatchObject([{
    ok: false,
    error: 'the node does not grant the right "exit"',
  }]);
  expect(one.bus.state).toBe("run");
});
