// Keeps writing to outputs that fail, by every function that writes, until it has stopped. The results are written to a file.
import { appendFileSync } from "node:fs";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";

const [notes = "", others] = process.argv.slice(2);
const note = (text: string) => appendFileSync(notes, `${text}\n`);
if (others === "exit") {
  // Many command-line tools have this listener, for a reader that goes away.
  process.stdout.on("error", () => {
    note(`others heard it in ${bus.state}`);
    if (bus.state !== "run") process.exit(9);
  });
}
const write = () => {
  if (others === "log") return bus.log("to nobody".repeat(1000), { level: "warn" });
  process.stdout.write("to nobody\n");
  process.stderr.write("to nobody\n");
  console.log("to nobody");
  console.error("to nobody");
};
const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("run", () => note(`ready ${process.pid}`));
const chatter = setInterval(write, 10);
bus.subscribe("stop", async (phase) => {
  for (let i = 0; i < 20; i++) {
    write();
    bus.log("to nobody", { level: "warn" });
    await phase.delay(10);
  }
  clearInterval(chatter);
});
process.on("exit", (code) => note(`exit ${code}`));
const running = bus.run();
if (others === "exit") void bus.wait("run").then(() => setTimeout(() => void bus.exit(), 100));
note(`code ${await running}`);
