// Other code listens for SIGTERM, in the ways that the arguments name.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const ways = process.argv.slice(2);
const listening = {
  before: () => process.on("SIGTERM", function before() {}),
  bound: () => process.on("SIGTERM", function bound() {}.bind(null)),
  once: () => process.once("SIGTERM", () => print("once")),
  exit: () => process.on("SIGTERM", () => process.exit(9)),
  // The same code as in signal-exit and death.
  harmless: () => {
    const count = 1;
    process.on("SIGTERM", () => {
      const listeners = process.listeners("SIGTERM");
      if (listeners.length === count) process.kill(process.pid, "SIGTERM");
    });
  },
};
const { Deno } = globalThis as unknown as { readonly Deno?: { exit(code: number): void } };
const add = (way: string) => listening[way as keyof typeof listening]?.();
ways.filter((way) => way !== "late").forEach(add);
const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("log", ({ event, message, listener, level }) => {
  if (event === "foreign-listener") print(`foreign ${JSON.stringify(listener)} ${message}`);
  else if (event === "foreign-exit") print(message);
  else if (level === "warn") print(`other ${message}`);
});
bus.subscribe("run", () => {
  if (ways.includes("late")) {
    process.on("SIGTERM", () => {
      print("late");
    });
  }
  if (ways.includes("first")) process.prependListener("SIGTERM", () => process.exit(9));
  if (ways.includes("deno")) process.on("SIGTERM", () => Deno?.exit(9));
  // The bus hears of a new listener a turn later.
  setTimeout(() => print("ready"), 10);
});
bus.subscribe("stop", (phase) => phase.delay(50));
print(`code ${await bus.run()}`);
