// A site whose units are born and die at random, so many in all; it compares its table with the processes that there are.
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { pool, site, type Unit } from "../../components/units.ts";
import { ProcessBus } from "../../mod.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const births = Number(process.argv[2]);
const bus = new ProcessBus<{ "unit:start": [unit: Unit]; "unit:stop": [unit: Unit, end: object] }>({
  name: "site",
  platform: native(),
});
const light = bus.use(pool(bus, {
  name: "light",
  kind: "process",
  entry: new URL("./unit_light.ts", import.meta.url),
  count: 4,
  maxRestarts: 1e6,
  // A window of a moment: each one that dies is replaced at once.
  restartWindowMs: 1,
}));
let born = 0;
const started: number[] = [];
const stopped: number[] = [];
bus.subscribe("unit:start", ({ id }) => void started.push(id));
bus.subscribe("unit:stop", ({ id }) => void stopped.push(id));
const sorted = (ids: readonly number[]) => [...ids].sort((a, b) => a - b).join();
const table = () => sorted(site(bus).units().flatMap(({ pid }) => pid ?? []));
/** The processes that this one has started and that live, as the system knows them. */
const children = () =>
  sorted(
    readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
      try {
        const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
        return Number(parent) === process.pid && state !== "Z" ? [Number(pid)] : [];
      } catch {
        return [];
      }
    }),
  );
/** They become the same when what is under way is over. */
const untilSame = async () => {
  for (let look = 0; table() !== children(); look++) {
    if (look > 1000) throw new Error(`The table has ${table()}, and there are ${children()}`);
    await sleep(20);
  }
};
const upTo = (most: number) => Math.floor(Math.random() * (most + 1));
const counts = { killed: 0, asked: 0, rolls: 0, scaled: 0 };
const kill = (signal: NodeJS.Signals) => {
  const units = site(bus).units();
  const pid = units[upTo(units.length - 1)]?.pid;
  if (pid !== undefined) process.kill(pid, signal);
};
const acts: readonly (() => unknown)[] = [
  () => (counts.killed++, kill("SIGKILL")),
  () => (counts.killed++, kill("SIGKILL")),
  () => (counts.asked++, kill("SIGTERM")),
  () => (counts.rolls++, light.value.roll()),
  () => (counts.scaled++, light.value.scale(1 + upTo(5))),
];
const running = bus.run();
await bus.wait("run");
const asked: Promise<unknown>[] = [];
for (let step = 1; born < births; step++) {
  try {
    asked.push(Promise.resolve(acts[upTo(acts.length - 1)]?.()));
    asked.at(-1)!.catch(() => {});
  } catch {
    // It has just ended by itself.
  }
  await sleep(upTo(60));
  born = Math.max(born, ...site(bus).units().map(({ id }) => id));
  if (step % 10 > 0) continue;
  await Promise.allSettled(asked.splice(0));
  await untilSame();
}
await Promise.allSettled(asked);
await untilSame();
void bus.exit();
process.exitCode = await running;
if (table() !== "" || children() !== "") throw new Error(`Left: ${table()} ${children()}`);
if (sorted(started) !== sorted(stopped)) throw new Error(`${sorted(started)} is not ${sorted(stopped)}`);
print(`right after ${born} births ${JSON.stringify({ ...counts, ready: started.length })}`);
