import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectTo, type NatsServer, startNats, whyNoNats, wayTo } from "./_nats.ts";
import { newNode, startNode, until } from "./_node.ts";

let server: NatsServer;

beforeAll(async () => {
  if (whyNoNats === undefined) server = await startNats();
});
afterAll(() => server?.end());

beforeEach((context) => {
  if (whyNoNats !== undefined) context.skip(whyNoNats);
});

test("a reload reaches all nodes, and each acknowledges it", async () => {
  const one = await startNode(server.port, { name: "all", node: "one" });
  const two = await startNode(server.port, { name: "all", node: "two" });
  const { generation, ok, receipts } = await one.fleet.value.reload({ color: "blue" });
  expect({ generation, ok }).toEqual({ generation: 1, ok: true });
  expect(receipts.map(({ path, bus, ok }) => ({ path, bus, ok }))).toEqual(
    expect.arrayContaining([{ path: "one", bus: "web", ok: true }, { path: "two", bus: "web", ok: true }]),
  );
  expect([one.reloads, two.reloads]).toEqual([[{ color: "blue" }], [{ color: "blue" }]]);
  expect(two.fleet.value).toMatchObject({ generation: 1, details: { color: "blue" }, joined: true, node: "two" });
});
