// Two nodes of one fleet: when one changes the color, all have it, also one that was away meanwhile.
// Run a nats-server with JetStream (nats-server -js), then in two terminals: node examples/fleet.ts one
// and: node examples/fleet.ts two blue   (or: deno run -A, bun). NATS_URL names another server.
import process from "node:process";
import { connect } from "@nats-io/transport-node";
import { fleet } from "../components/fleet.ts";
import { ProcessBus } from "../mod.ts";
import { native } from "../platforms/native.ts";

const [node = "one", wanted] = process.argv.slice(2);
const bus = new ProcessBus({ name: "web", platform: native() });
const shop = bus.use(fleet(bus, {
  name: "shop",
  node,
  rights: ["reload", "restart", "graceful"],
  connect: () =>
    connect({
      servers: process.env["NATS_URL"] ?? "127.0.0.1:4222",
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      reconnectJitter: 100,
    }),
}));
bus.subscribe("log", ({ event, message }) => {
  if (event === "fleet") console.log(message);
});
bus.subscribe("reload", ({ details }) => {
  const { color } = details as { readonly color: string };
  if (color === "black") throw new Error("black is too dark");
  return { commit: () => console.log(`${node} is ${color}`) };
});
const running = bus.run();
await bus.wait("run");
if (wanted !== undefined) {
  const { ok, receipts } = await shop.value.reload({ color: wanted });
  console.log(
    ok ? "all have it" : receipts.filter(({ ok }) => !ok).map(({ path, error }) => `${path}: ${error}`),
  );
}
process.exitCode = await running;
