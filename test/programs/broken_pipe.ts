// Keeps writing to an output whose reader has gone.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";

const notes = process.argv[2] ?? "";
const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("drain", async (phase) => {
  for (let i = 0; i < 20; i++) {
    process.stdout.write("to nobody\n");
    console.log("to nobody");
    console.error("to nobody");
    bus.log("to nobody", { level: "warn" });
    await phase.delay(10);
  }
}, { name: "chatter" });
bus.subscribe("exit", () => writeFileSync(notes, `stopped in ${process.pid}`));
bus.subscribe("run", () => console.log("ready"));
await bus.run();
