// A site whose units all use a configuration file and a certificate, which are changed by commands on its input.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { pool, site } from "../../components/units.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "top", platform: native() });
const here = site(bus);
const entry = new URL("./unit_files_worker.ts", import.meta.url);
const [, , folder = "", ...rest] = process.argv;
const args = [folder, ...rest];
const details = { color: "white" };
bus.use(pool(bus, { name: "web", kind: "process", count: 2, entry, args, details }));
bus.use(pool(bus, { name: "lone", kind: "thread", count: 2, entry, args }));
bus.subscribe("log", ({ level, message, event }) => {
  if (event === "reload" || event === "unit failed" || level === "error") print(`[site] ${message}`);
});
process.stdin.setEncoding("utf8");
let text = "";
process.stdin.on("data", (more: string) => {
  const lines = (text + more).split("\n");
  text = lines.pop()!;
  for (const line of lines) void obey(line);
});
async function obey(line: string): Promise<void> {
  const [command = "", ...words] = line.split(" ");
  const receipts = await here.publish(command, words, { scope: "tree", within: 20_000 });
  const color = (here.details as typeof details).color;
  print(`done ${line}: ${receipts.filter(({ ok }) => ok).length}, the site has ${color}`);
}
const running = bus.run();
await bus.wait("run");
print("runs");
process.exitCode = await running;
