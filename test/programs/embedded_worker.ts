// A bus in a worker thread. The main thread controls it over the worker's port.
import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { ProcessBus } from "../../mod.ts";
import { embedded } from "../../platforms/embedded.ts";
import { print } from "./_print.ts";

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.on("message", (message: { readonly state?: string; readonly settled?: boolean }) => {
    print(JSON.stringify(message));
    if (message.state === "run" && message.settled) {
      worker.postMessage({ sitebus: "exit", code: 6, leftMs: 1000 });
    }
  });
  worker.on("exit", (code) => print(`worker exited with ${code}`));
} else {
  const bus = new ProcessBus({ name: "thread", platform: embedded({ port: parentPort! }) });
  bus.subscribe("stop", () => print(`stopping, ${process.listenerCount("SIGTERM")} listeners for SIGTERM`));
  process.exitCode = await bus.run();
}
