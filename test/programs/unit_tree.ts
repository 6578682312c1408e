// A site with processes that have threads, and threads of its own: it sends news through the tree, and prints the receipts.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { pool, type Receipt, site } from "../../components/units.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus<{ news: [text: unknown] }>({ name: "top", platform: native() });
const here = site(bus);
const entry = new URL("./unit_tree_node.ts", import.meta.url);
const rights = ["publish:news", "stop"] as const;
bus.use(pool(bus, { name: "web", kind: "process", count: 2, entry, args: ["1"], rights }));
bus.use(pool(bus, { name: "lone", kind: "thread", count: 1, entry, rights: ["reload"] }));
bus.subscribe("news", (text) => print(`top hears ${text}`));
bus.subscribe("log", ({ level, message }) => {
  if (level === "warn" || level === "error") print(`[${level}] ${message}`);
});
const show = (what: string, receipts: readonly Receipt[]) => {
  const all = receipts.map((
    { path, bus, ok, error },
  ) => [path, bus, ok, ...error === undefined ? [] : [error]]);
  print(`${what} ${JSON.stringify(all.sort())}`);
};
const running = bus.run();
await bus.wait("run");
show("tree", await here.publish("news", ["hello"], { scope: "tree" }));
show("process", await here.publish("news", [new Map()], { scope: "process" }));
show("isolate", await here.publish("news", ["alone"], { scope: "isolate" }));
show("to", await here.publish("news", ["jobs only"], { scope: "tree", to: "job" }));
show("failing", await here.publish("news", ["fail"], { scope: "tree", to: "job" }));
show("late", await here.publish("news", ["hang"], { scope: "tree", to: "job", within: 300 }));
show("upwards", await here.publish("ask", [], { scope: "tree", to: "web" }));
show("stop", await here.request("stop", { scope: "tree", to: "job" }));
show("dead", await here.publish("news", ["die"], { scope: "tree", to: "web" }));
try {
  await here.publish("news", [() => {}], { scope: "tree" });
} catch (error) {
  print(`refused: ${(error as Error).name} ${(error as Error).message.split("\n")[0]}`);
}
print("done");
process.exitCode = await running;
