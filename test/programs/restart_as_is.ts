// Restarts once with its own arguments. The given file exists before the restart, and not after.
import { existsSync, rmSync } from "node:fs";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [marker = ""] = process.argv.slice(2);
const bus = new ProcessBus({ name: "program", platform: posix() });
const running = bus.run();
await bus.wait("run");
print(`arguments ${JSON.stringify(process.argv.slice(2))} flags ${JSON.stringify(process.execArgv)}`);
if (existsSync(marker)) {
  rmSync(marker);
  bus.restart().catch(() => {});
} else {
  void bus.exit(5);
}
await running;
