// A unit in a tree: it says what it hears on "news", and may have threads of its own.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { pool, site, unit } from "../../components/units.ts";
import { print } from "./_print.ts";

const [inner = "0"] = process.argv.slice(2);
const bus = new ProcessBus<{ news: [text: unknown]; ask: [] }>({
  name: process.env["SITEBUS_UNIT"]?.startsWith("jobs") ? "job" : "web",
  platform: unit(),
});
const here = site(bus);
if (Number(inner) > 0) {
  bus.use(pool(bus, {
    name: "jobs",
    kind: "thread",
    entry: new URL(import.meta.url),
    count: Number(inner),
    rights: ["publish:news"],
  }));
}
bus.subscribe("news", (text) => {
  if (text === "fail") throw new Error("failed on purpose");
  if (text === "hang") return new Promise(() => {});
  if (text === "die" && bus.name === "web") process.exit(9);
  print(`${bus.name} hears ${text instanceof Map ? "a map" : text}`);
});
// Asked to, it publishes upwards.
bus.subscribe("ask", async () => {
  const receipts = await here.publish("news", [`from ${process.env["SITEBUS_UNIT"]}`], { scope: "tree" });
  print(`asked ${JSON.stringify(receipts.map(({ path, ok, error }) => [path, ok, error]))}`);
});
process.exitCode = await bus.run();
