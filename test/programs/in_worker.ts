// A bus in a worker thread cannot have the signals of the process; the signals of the main thread's bus keep working.
import { isMainThread, Worker } from "node:worker_threads";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: isMainThread ? "main" : "thread", platform: posix() });
if (!isMainThread) {
  print(`thread ended with ${await bus.run()}`);
} else {
  bus.subscribe("run", () => {
    new Worker(new URL(import.meta.url)).on("exit", (code) => print(`worker exited with ${code}`));
  });
  print(`code ${await bus.run()}`);
}
