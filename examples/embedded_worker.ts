// A worker thread with a bus of its own, stopped in order by the process. Run `node examples/embedded_worker.ts`, then Ctrl-C.
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { ProcessBus } from "sitebus";
import { type BusMessage, embedded, type PortLike } from "sitebus/embedded";
import { native } from "sitebus/native";

if (isMainThread) {
  const bus = new ProcessBus({ name: "process", platform: native() });
  bus.use({
    name: "worker",
    async start() {
      const worker = new Worker(new URL(import.meta.url));
      await said(
        worker,
        (message) => message.sitebus === "state" && message.state === "run" && message.settled,
      );
      return worker;
    },
    async stop(worker, phase) {
      const left = said(worker, (message) => message.sitebus === "left");
      // The worker is told how long it has.
      worker.postMessage({ sitebus: "exit", name: "the process stops", leftMs: phase.left() });
      await left;
      console.log("process: the worker has left");
    },
  });
  bus.subscribe("run", () => console.log("process: up"));
  bus.subscribe("exit", () => console.log("process: down"));
  await bus.run();
} else {
  // Signals belong to the process: a bus in a thread is driven over the thread's port.
  const bus = new ProcessBus({ name: "worker", platform: embedded({ port: parentPort as PortLike }) });
  bus.subscribe("start", () => console.log("worker: up"));
  bus.subscribe("stop", ({ reason }) => console.log(`worker: down, since ${reason.name}`));
  await bus.run();
}

/** Resolves when the worker's bus has said something. */
function said(worker: Worker, test: (message: BusMessage) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.on("message", (message: BusMessage) => test(message) && resolve());
  });
}
