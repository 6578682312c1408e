// A site that rolls its pool of two processes as often as it is told, when it gets SIGUSR2.
import process from "node:process";
import { pool } from "../../components/units.ts";
import { ProcessBus } from "../../mod.ts";
import { native } from "../../platforms/native.ts";

const [rolls = "1", ...args] = process.argv.slice(2);
const bus = new ProcessBus({
  name: "site",
  platform: native({ signals: { SIGUSR2: "none" } }),
});
const web = bus.use(pool(bus, {
  name: "web",
  kind: "process",
  count: 2,
  entry: new URL("./roll_worker.ts", import.meta.url),
  args,
  listen: { web: { port: 0 } },
}));
bus.subscribe("signal", async ({ name }) => {
  if (name !== "SIGUSR2") return;
  for (let time = 0; time < Number(rolls); time++) await web.value.roll();
  console.log("rolled");
});
const running = bus.run();
await bus.wait("run");
console.log(`ready ${web.value.sockets["web"]?.port}`);
process.exitCode = await running;
