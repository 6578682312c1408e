// A site with one pool of `unit_worker.ts`, told what to do by JSON: { kind, count, how, steps, … }.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { pool, type PoolOptions, site } from "../../components/units.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

interface Told extends Partial<PoolOptions> {
  readonly port?: number;
}

const { port, ...options } = JSON.parse(process.argv[2] ?? "{}") as Told;
const bus = new ProcessBus<
  { "unit:start": [unit: { name: string }]; "unit:stop": [unit: { name: string }, end: object] }
>({
  name: "site",
  platform: native({ signals: { SIGUSR2: "none" } }),
  // Hundreds of units on a busy machine.
  deadlines: { start: 300_000 },
});
const web = bus.use(pool(bus, {
  name: "web",
  kind: "process",
  entry: new URL("./unit_worker.ts", import.meta.url),
  count: 2,
  ...options,
  ...(port !== undefined && { listen: { web: { port } } }),
}));
bus.subscribe("log", ({ level, message }) => {
  if (level !== "debug") print(`[${level}] ${message}`);
});
bus.subscribe("unit:start", ({ name }) => print(`start ${name}`));
bus.subscribe("unit:stop", ({ name }, end) => print(`stop ${name} ${JSON.stringify({ ...end, ms: 0 })}`));
bus.subscribe("run", () => {
  print(`runs ${JSON.stringify(web.value.sockets)} ${web.value.units().map(({ pid }) => pid).join()}`);
});
bus.subscribe("signal", ({ name }) => {
  if (name !== "SIGUSR2") return;
  web.value.roll().then(() => print("rolled"), (error: Error) => print(`not rolled: ${error.message}`));
});
void site;
const code = await bus.run();
print(`site left with ${code}`);
process.exitCode = code;
