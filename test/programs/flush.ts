// Writes two megabytes while it stops; none of it may be lost, however slow the reader is. A file, named by the first
// argument, says that it began to: Deno waits for the reader where it writes. With a second one, the program leaves
// something behind that never ends.
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
