// A site whose processes and threads are reloaded in two steps; it prints what each of them has after each try.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { pool, site } from "../../components/units.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";
import type { Details } from "./unit_settings.ts";

const bus = new ProcessBus({ name: "top", platform: native() });
const here = site(bus);
const entry = new URL("./unit_settings.ts", import.meta.url);
const details: Details = { color: "white" };
const web = bus.use(pool(bus, { name: "web", kind: "process", count: 2, entry, args: ["inner"], details }));
bus.use(pool(bus, { name: "lone", kind: "thread", count: 2, entry }));
let vetoes = false;
// After the pools have prepared.
bus.subscribe("reload", () => {
  if (vetoes) throw new Error("the site does not like it");
}, { priority: 90 });
bus.subscribe("log", ({ level, message, event }) => {
  if (event === "unit failed" || level === "error") print(`[${level}] ${message}`);
});
const say = async (what: string) => {
  print(`--- ${what}, the site has ${(here.details as Details).color}`);
  await here.publish("report", [], { scope: "tree" });
};
const reload = async (what: string, details: Details) => {
  const result = await bus.reload(details).then(
    (generation) => `generation ${generation}`,
    (error) => error.message,
  );
  print(`${what}: ${result}`);
  await say(what);
};
const running = bus.run();
await bus.wait("run");
await say("started");
await reload("red", { color: "red" });
await reload("veto of a thread", { color: "black", vetoes: "lone/2" });
await reload("veto of a process", { color: "black", vetoes: "web/2" });
await reload("veto of an inner thread", { color: "black", vetoes: "inner/1" });
vetoes = true;
await reload("veto of the site", { color: "black" });
vetoes = false;
await reload("death", { color: "black", dies: "web/1" });
// The one that died is replaced.
while (web.value.units().filter(({ state }) => state === "run").length < 2) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await reload("blue", { color: "blue" });
await reload("bad commit", { color: "green", fails: "web/1" });
await here.publish("change", ["yellow"], { scope: "tree", to: "unit", within: 20_000 });
await say("all asked at once");
await web.value.roll();
await say("rolled");
print("done");
process.exitCode = await running;
