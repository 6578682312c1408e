// One of two workers changes the setting of all, or of none: a worker does not like "black", and vetoes it.
// Run: node examples/units_settings.ts   (or: deno run -A, bun)
import process from "node:process";
import { ProcessBus } from "../mod.ts";
import { native } from "../platforms/native.ts";
import { pool, site, unit } from "../components/units.ts";

interface Settings {
  readonly color: string;
}

if (process.env["SITEBUS_UNIT"] === undefined) {
  const bus = new ProcessBus({ name: "site", platform: native() });
  const details: Settings = { color: "white" };
  bus.use(pool(bus, { name: "web", kind: "process", count: 2, entry: new URL(import.meta.url), details }));
  const running = bus.run();
  await bus.wait("run");
  // What a request to the first worker would do.
  for (const color of ["blue", "black"]) {
    await site(bus).publish("wanted", ["web/1", color], { scope: "tree" });
    await site(bus).publish("tell", [], { scope: "tree" });
  }
  await bus.exit();
  process.exitCode = await running;
} else {
  const bus = new ProcessBus<{ wanted: [unit: string, color: string]; tell: [] }>({ platform: unit() });
  const here = site(bus);
  const name = process.env["SITEBUS_UNIT"];
  let color = "";
  bus.subscribe("enter", () => color = (here.details as Settings).color);
  bus.subscribe("reload", ({ details }) => {
    const next = (details as Settings).color;
    if (name === "web/2" && next === "black") throw new Error("black is too dark");
    return { commit: () => color = next };
  });
  bus.subscribe("wanted", async (unit, wanted) => {
    if (unit !== name) return;
    // When this resolves, all workers have it; when it rejects, none.
    await bus.reload({ color: wanted }).then(
      () => console.log(`${name}: all have ${wanted}`),
      () => console.log(`${name}: nobody has ${wanted}`),
    );
  });
  bus.subscribe("tell", () => console.log(`${name} is ${color}`));
  bus.subscribe("log", () => {});
  await bus.run();
}
