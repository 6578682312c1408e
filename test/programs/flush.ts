// Writes two megabytes while it stops; none of it may be lost, however slow the reader is. A file, named by the
// argument, says that it began to: Deno waits for the reader where it writes.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";

const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("stop", () => {
  writeFileSync(process.argv[2] ?? "", "writes");
  process.stdout.write(`${"x".repeat(99)}\n`.repeat(20_000));
});
const running = bus.run();
await bus.wait("run");
void bus.exit(7);
await running;
