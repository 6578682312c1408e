// A plug-in that gets a part of the bus, and no way to the rest of it. Run `node examples/guest.ts`.
import { type Guest, guest, inline, ProcessBus } from "sitebus";

/** Somebody else's code. */
async function plugIn(bus: Guest): Promise<void> {
  bus.subscribe("stop", () => console.log("the shop stops, after its host"));
  bus.use({ name: "db", start: () => "connection" }); // the component "shop/db"
  await bus.wait("run");
  await bus.request("reload");
  await bus.request("exit").catch((error: Error) => console.log(error.message));
}

const host = new ProcessBus({ platform: inline() });
host.subscribe("log", ({ level, message }) => level === "warn" && console.log(`warning: ${message}`));
host.subscribe("reload", () => console.log("reloads, since the shop may ask for it"));
host.subscribe("stop", () => console.log("the host stops"));

const shop = guest(host, "shop", ["reload"]);
const pluggedIn = plugIn(shop);
await host.start();
await pluggedIn;
console.log(host.inspect().components?.map(({ name, status }) => `${name} is ${status}`).join());
await host.stop();
await shop.close(); // takes away all that it brought
console.log(`${host.inspect().components?.length} components are left`);
await host.exit();
