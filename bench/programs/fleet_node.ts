// A node of a fleet, or a bare watcher of a bucket that acknowledges by a put. Arguments: the port of the server, "fleet" or
// "bare", and its name.
import process from "node:process";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { fleet } from "../../components/fleet.ts";
import type { Pool } from "../../components/units.ts";
import { notePool } from "../../components/units/pools_of.ts";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";

const [port = "", kind = "", name = ""] = process.argv.slice(2);
const servers = `127.0.0.1:${port}`;
if (kind === "bare") {
  const kv = await new Kvm(await connect({ servers })).open("bare");
  const entries = await kv.watch({ key: "generation" });
  console.log("ready");
  for await (const entry of entries) {
    await kv.put(`ack.${name}`, entry.string());
  }
} else {
  const bus = new ProcessBus({ platform: posix() });
  bus.subscribe("log", () => {});
  bus.subscribe("reload", () => ({ commit() {} }));
  bus.use(
    fleet(bus, {
      name: "bench",
      node: name,
      connect: () => connect({ servers }),
      rights: ["reload", "restart"],
    }),
  );
  // What has its turn in a roll takes 100 ms.
  notePool(bus, { roll: () => new Promise((resolve) => setTimeout(resolve, 100)) } as Pool);
  bus.subscribe("run", () => console.log("ready"));
  await bus.run();
}
