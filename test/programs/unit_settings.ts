// A unit with a setting that reloads change, or that vetoes, or fails as its details say.
import process from "node:process";
import { threadId } from "node:worker_threads";
import { ProcessBus } from "../../mod.ts";
import { pool, site, unit } from "../../components/units.ts";
import { print } from "./_print.ts";

/** What a reload is given. */
export interface Details {
  readonly color: string;
  /** The unit that vetoes, dies, hangs, or fails to commit. */
  readonly vetoes?: string;
  readonly dies?: string;
  readonly fails?: string;
}

const name = process.env["SITEBUS_UNIT"] ?? "";
const [inner = ""] = process.argv.slice(2);
const bus = new ProcessBus<{ report: []; change: [color: string] }>({ name: "unit", platform: unit() });
const here = site(bus);
if (inner !== "") {
  bus.use(pool(bus, { name: "inner", kind: "thread", count: 1, entry: new URL(import.meta.url), args: [] }));
}
let color = "none";
bus.subscribe("enter", () => color = (here.details as Details | undefined)?.color ?? "default");
bus.subscribe("reload", async ({ details, signal }) => {
  const told = details as Details;
  if (told.vetoes === name) throw new Error(`${name} does not like ${told.color}`);
  if (told.dies === name) process.exit(9);
  // The others take their time, so that a veto comes while they prepare.
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
    signal.addEventListener("abort", resolve);
  });
  return {
    commit() {
      if (told.fails === name) throw new Error(`${name} cannot commit`);
      color = told.color;
    },
    rollback: () => print(`${name} rolls back ${told.color}`),
  };
});
bus.subscribe("report", () => print(`color of ${name} ${process.pid}-${threadId} is ${color}`));
// What a request of one user does: the reload is asked for here, and reaches all.
bus.subscribe("change", async (wanted) => {
  try {
    const generation = await bus.reload({ color: wanted });
    print(`${name} changed all to ${wanted}, generation ${generation > 0}`);
  } catch (error) {
    print(`${name} could not change all to ${wanted}: ${(error as Error).message}`);
  }
});
process.exitCode = await bus.run();
