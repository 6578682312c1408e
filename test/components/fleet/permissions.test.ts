import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { type FleetController, fleetController } from "../../../components/fleet.ts";
import { connectTo, serverOfFile } from "./_nats.ts";
import { newNode, startNode, type TestNode, until } from "./_node.ts";

/** The file of the docs, with passwords and without the right to acknowledge for a third user. */
const CONFIG = readFileSync(new URL("../../../examples/fleet_permissions.conf", import.meta.url), "utf8")
  .replace("$SHOP_NODE", '"n"').replace("$SHOP_CONTROLLER", '"c"')
  .replace(
    "users: [",
    `users: [ { user: "mute", password: "m", permissions: {
    publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.>", "$JS.API.STREAM.MSG.GET.>", "$JS.API.CONSUMER.>", "$JS.FC.>"]
    subscribe: ["_INBOX.>"] } }`,
  );

const server = serverOfFile(CONFIG);

const as = (user: string, pass: string) => () => connectTo(server.port, { user, pass, timeout: 1_000 });
const node = (name: string, rest = {}) =>
  startNode(server.port, { name: "shop", node: name, connect: as("shop_node", "n"), ...rest });

async function controller(): Promise<FleetController> {
  const made = await fleetController({ name: "shop", connect: as("shop_controller", "c"), expireMs: 1_500 });
  onTestFinished(() => made.close());
  return made;
}

test("a node joins buckets that a controller has made, acknowledges, and takes its turn", async () => {
  const early = await node("early");
  expect(early.said("unreachable")).toEqual([
    expect.stringContaining('The bucket "sitebus_shop" is not there and cannot be made'),
  ]);
  const shop = await controller();
  await until("it has joined", () => early.fleet.value.joined);
  const two = await node("two", { rights: ["reload", "graceful", "publish:hello"] });
  expect(await shop.reload("a")).toMatchObject({ ok: true, receipts: [{ ok: true }, { ok: true }] });
  expect([early.reloads, two.reloads]).toEqual([["a"], ["a"]]);
  expect((await shop.publish("hello", [], { nodes: ["two"] }))[0]).toMatchObject({ path: "two", ok: true });
  expect((await shop.roll("graceful")).failed).toEqual([
    { node: "early", error: 'the node does not grant the right "graceful"' },
  ]);
  expect((await two.fleet.value.members()).map(({ node }) => node)).toEqual(["early", "two"]);
}, 30_000);

test("a node cannot command the others, whatever it tries", async () => {
  await controller();
  const one = await node("one", { rights: ["reload", "restart", "stop"] });
  for (
    const tries of [
      () => one.fleet.value.reload("a", { within: 100 }),
      () => one.fleet.value.roll("restart", { within: 100 }),
      () => one.fleet.value.request("stop", { within: 100 }),
    ]
  ) await expect(tries()).rejects.toThrow(/^Cannot .* the fleet "shop": /);
  expect(one.bus.state).toBe("run");
  await until("the server's refusal is logged", () => one.said("refused").length > 0);
}, 30_000);

test(
  "a node without the right to acknowledge reloads all the same, and says that it cannot tell",
  async () => {
    const shop = await controller();
    const mute: TestNode = newNode(server.port, { name: "shop", node: "mute", connect: as("mute", "m") });
    await mute.bus.start();
    await shop.reload("b", { within: 300 });
    await until("it has reloaded", () => mute.reloads.includes("b"));
    expect((await shop.members()).map(({ node }) => node)).not.toContain("mute");
    expect([...mute.said("silent"), ...mute.said("refused")].length).toBeGreaterThan(0);
  },
  30_000,
);

test("a wrong password is told once, and the node runs", async () => {
  const one = await node("one", { connect: as("shop_node", "wrong") });
  expect(one.bus.state).toBe("run");
  expect(one.said("unreachable")).toHaveLength(1);
});
