// A service on a machine without a folder for temporary files; it ends by itself.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { windows } from "../../platforms/windows.ts";
import { print } from "./_print.ts";

for (const name of ["TMP", "TEMP"]) process.env[name] = "C:\\missing";
const bus = new ProcessBus({ platform: windows({ service: true }) });
bus.subscribe("log", ({ level, message }) => {
  if (level === "warn") print(`${level} ${message}`);
});
await bus.start();
print("runs");
await bus.exit();
print("exited");
