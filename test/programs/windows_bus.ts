// A bus on Windows that prints its states and log records: `windows_bus.ts [options of windows()] [own options]`, both as JSON.
// Its stop takes `stopMs`. With `waits`, the bus starts when another process has made the event "sitebus-<pid>-go". With
// `exits`, the application ends the process without asking the bus.
import process from "node:process";
import { ProcessBus, type State } from "../../mod.ts";
import { windows, type WindowsOptions } from "../../platforms/windows.ts";
import { win32 } from "../../platforms/windows/win32.ts";
import { print } from "./_print.ts";

interface OwnOptions {
  readonly stopMs?: number;
  readonly waits?: true;
  readonly exits?: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as WindowsOptions;
const { stopMs = 0, waits, exits } = JSON.parse(process.argv[3] ?? "{}") as OwnOptions;
if (waits) {
  print("waits");
  while (win32(process).openEvent(`sitebus-${process.pid}-go`) === undefined) await sleep(20);
}

const bus = new ProcessBus({
  name: "program",
  platform: windows(options),
  deadlines: { drain: 5000, stop: 20_000, exit: 5000 },
});
const states = ["enter", "idle", "start", "run", "drain", "stop", "exit", "exited"] as const;
for (const state of states) bus.subscribe(state, () => print(`state ${state}`), { priority: 10 });
bus.subscribe("signal", (reason) => print(`signal ${JSON.stringify(reason)}`));
bus.subscribe("log", ({ level, message }) => {
  if (level === "warn" || level === "error") print(`log ${level} ${message}`);
});
bus.subscribe("reload", ({ generation }) => ({ commit: () => print(`reloaded ${generation}`) }));
bus.subscribe("restart", () => {
  print("restart");
  return 3;
});
bus.subscribe("stop", async () => {
  await sleep(stopMs);
  print("cleaned up");
}, { name: "clean up" });
process.on("exit", (code) => print(`process exits ${code}`));

const running = bus.run();
await bus.wait("run" satisfies State);
print(`ready ${process.pid}`);
if (exits !== undefined) setTimeout(() => process.exit(exits), 300);
print(`code ${await running}`);

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
