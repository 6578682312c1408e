// Writes two megabytes while it stops. All of them must arrive, even if the reader is slow. When it begins to write, the program
// creates the file of the first argument, since on Deno a write blocks until the reader reads. With a second argument, the
// program registers something that never ends.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { leaveBehind } from "../../platforms/process/left_behind.ts";

const [marker = "", what] = process.argv.slice(2);
const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("stop", () => {
  writeFileSync(marker, "writes");
  if (what !== undefined) {
    leaveBehind(what);
    setInterval(() => {}, 1000);
  }
  process.stdout.write(`${"x".repeat(99)}\n`.repeat(20_000));
});
const running = bus.run();
await bus.wait("run");
void bus.exit(7);
await running;
