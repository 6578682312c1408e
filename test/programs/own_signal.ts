// A library cleans up on SIGTERM, and then sends the signal again to end the process, while the bus is still stopping.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [how = "", times = "1"] = process.argv.slice(2);
const { Deno } = globalThis as unknown as { Deno: { kill(pid: number, signal: string): void } };
const send = () => {
  if (how === "deno") Deno.kill(process.pid, "SIGTERM");
  else process.kill(process.pid, how === "number" ? 15 : "SIGTERM");
};

process.on("SIGTERM", function cleanUp() {
  process.off("SIGTERM", cleanUp);
  setTimeout(() => {
    for (let i = 0; i < Number(times); i++) send();
  }, 700);
});
const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("run", () => {
  print("ready");
  if (how === "first") send();
});
bus.subscribe("signal", ({ name }) => print(`signal ${name}`));
bus.subscribe("log", ({ event, message }) => event === "own-signal" && print(message));
bus.subscribe("stop", async (phase) => {
  await phase.delay(1500);
  print("stopped in order");
});
print(`code ${await bus.run()}`);
