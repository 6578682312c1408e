// A site with eight units: one of them dies in a reload, and others while messages go to all of them.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { pool, site } from "../../components/units.ts";
import { ProcessBus } from "../../mod.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";
import type { Details } from "./unit_counting.ts";

const [messages = 0, kills = 0] = process.argv.slice(2).map(Number);
const bus = new ProcessBus<{ news: [id: number] }>({ name: "top", platform: native() });
const here = site(bus);
const details: Details = { color: "white" };
const web = bus.use(pool(bus, {
  name: "web",
  kind: "process",
  count: 8,
  entry: new URL("./unit_counting.ts", import.meta.url),
  details,
  maxRestarts: 1000,
  restartWindowMs: 1,
}));
const untilAll = async () => {
  while (web.value.units().filter(({ state }) => state === "run").length < 8) await sleep(20);
};
const reload = async (details: Details) => {
  const said = await bus.reload(details).then(() => "done", (error: Error) => error.message);
  print(`reload ${details.color}: ${said}`);
  await untilAll();
  await here.publish("report", [details.color], { scope: "tree", to: "unit", within: 60_000 });
};
const running = bus.run();
await bus.wait("run");
await reload({ color: "black", dies: "web/3", at: "prepare" });
await reload({ color: "blue", dies: "web/5", at: "commit" });
await reload({ color: "green" });
for (const bad of [{ call() {} }, Symbol("bad"), new WeakMap()]) {
  await bus.reload(bad).catch((error: Error) => print(`unclonable reload: ${error.message.split("\n")[0]}`));
}

let wrong = 0;
let answered = 0;
let dead = 0;
const killEvery = Math.ceil(messages / (kills + 1));
for (let id = 1; id <= messages; id++) {
  const links = here.units().filter(({ state }) => state === "run").map(({ name }) => name);
  const published = here.publish("news", [id], { scope: "tree", to: "unit", within: 60_000 });
  if (id % killEvery === 0) {
    // While the message is under way.
    const ready = web.value.units().filter(({ state }) => state === "run");
    const { pid } = ready[Math.floor(Math.random() * ready.length)] ?? {};
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  }
  const receipts = await published;
  const paths = receipts.map(({ path }) => path);
  if (new Set(paths).size !== paths.length || links.some((name) => !paths.includes(name))) {
    wrong++;
    print(`wrong receipts of ${id}: ${paths.join()}, to ${links.join()}`);
  }
  answered += receipts.filter(({ ok }) => ok).length;
  dead += receipts.filter(({ ok }) => !ok).length;
}
await untilAll();
await here.publish("report", ["messages"], { scope: "tree", to: "unit", within: 60_000 });
print(`messages ${JSON.stringify({ messages, kills, answered, dead, wrong })}`);
process.exitCode = await running;
