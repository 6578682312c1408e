// A unit that counts the messages it hears, and that dies in a reload where its details say so.
import process from "node:process";
import { site, unit } from "../../components/units.ts";
import { ProcessBus } from "../../mod.ts";
import { print } from "./_print.ts";

/** What a reload is given. */
export interface Details {
  readonly color: string;
  /** The unit that dies, and in which step. */
  readonly dies?: string;
  readonly at?: "prepare" | "commit";
}

const name = process.env["SITEBUS_UNIT"] ?? "";
const bus = new ProcessBus<{ news: [id: number]; report: [what: string] }>({
  name: "unit",
  platform: unit(),
});
const here = site(bus);
let color = "none";
let last: number | undefined;
let heard = 0;
let wrong = 0;
bus.subscribe("enter", () => color = (here.details as Details).color);
bus.subscribe("reload", ({ details }) => {
  const told = details as Details;
  const die = (at: string) => told.dies === name && told.at === at && process.exit(9);
  die("prepare");
  return {
    commit() {
      die("commit");
      color = told.color;
    },
    rollback() {},
  };
});
bus.subscribe("news", (id) => {
  if (last !== undefined && id !== last + 1) wrong++;
  last = id;
  heard++;
});
bus.subscribe("report", (what) => print(`${what}: ${name} ${color} ${heard} ${wrong} ${last ?? 0}`));
process.exitCode = await bus.run();
