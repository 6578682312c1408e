// Starts a bus, and then has nothing left to do, without waiting for the bus.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [how] = process.argv.slice(2);
const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("drain", (phase) => print(`draining by ${phase.reason.by} ${phase.reason.name}`));
bus.subscribe("stop", async (phase) => {
  await phase.delay(100);
  print("stopped in order");
  if (how === "fail") throw new Error("as the test wants it");
});
bus.subscribe("exited", () => print("exited"));
await bus.start();
if (how === "idle") await bus.stop();
if (how === "code") process.exitCode = 3;
if (how === "work") setTimeout(() => print("worked"), 200);
