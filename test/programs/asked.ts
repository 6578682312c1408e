// A bus with control, for `sitebus ps` and `sitebus ctl`, told what it is by JSON: { name, stopMs, count, fails }.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ProcessBus } from "../../mod.ts";
import { control } from "../../components/control.ts";
import { pool } from "../../components/units.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

interface Told {
  /** The name of the bus. */
  readonly name?: string;
  /** Milliseconds that its stop takes. */
  readonly stopMs?: number;
  /** How many units its pool has. Default: it has none. */
  readonly count?: number;
  /** Whether its component starts once, and then never again. */
  readonly fails?: boolean;
}

const { name = "shop", stopMs = 0, count, fails = false } = JSON.parse(process.argv[2] ?? "{}") as Told;
const deadlines = { stop: 10_000 + 2 * stopMs };
const bus = new ProcessBus({ name, platform: native(), onStartFailure: "idle", deadlines });
let starts = 0;
bus.use({
  name: "db",
  start: async () => {
    await sleep(20);
    if (++starts > 1 && fails) throw new Error("no route to the database");
  },
  stop: () => sleep(stopMs),
  reload(_, { details }) {
    if (details === "veto") throw new Error("this configuration is wrong");
  },
});
if (count !== undefined) {
  const entry = new URL("./asked_unit.ts", import.meta.url);
  bus.use(pool(bus, { name: "web", kind: "process", entry, count }));
}
const asked = control(bus, { version: "1.2.3" });
bus.subscribe("run", async () => print(`open ${await asked.opened} ${asked.path}`), { once: true });
process.exitCode = await bus.run();
