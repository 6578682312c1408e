// Watches the module that its second argument names. The first one says what a change comes to:
// default: the default listener of a process without a pool, which restarts the bus;
// restart: a listener that calls bus.restart(), so that the platform starts the successor in the place of this process;
// child: the same, and a listener of `restart` starts a child and waits for it;
// default-roll: a pool of watching_worker.ts, and the default listener; roll: a listener that rolls the pool.
import { spawn } from "node:child_process";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ProcessBus } from "../../mod.ts";
import { type Pool, pool } from "../../components/units.ts";
import { tellLoaded, watch, type WatchChannels } from "../../components/watch.ts";
import { native } from "../../platforms/native.ts";
import { runtimeFlags } from "../../components/units/runtime_flags.ts";
import { print } from "./_print.ts";

const [how = "", path = ""] = process.argv.slice(2);

const bus = new ProcessBus<WatchChannels>({ name: "watching", platform: native() });
bus.subscribe("log", ({ level, message }) => {
  if (level === "error") print(message);
});
if (how.endsWith("roll")) {
  const entry = new URL("./watching_worker.ts", import.meta.url);
  const web = bus.use<Pool>(pool(bus, { name: "web", kind: "process", count: 1, entry, args: [path] }));
  const watching = watch(bus, { pool: web });
  bus.use(watching);
  if (how === "roll") {
    bus.unsubscribe("change", watching.onChange);
    bus.subscribe("change", async ({ files }) => {
      print(`own listener ${files.join()}`);
      await web.value.roll();
    });
  }
} else {
  const watching = watch(bus);
  bus.use(watching);
  if (how !== "default") {
    bus.unsubscribe("change", watching.onChange);
    bus.subscribe("change", ({ files }) => {
      print(`own listener ${files.join()}`);
      bus.restart().catch(() => {});
    });
  }
  if (how === "child") {
    bus.subscribe("restart", () =>
      new Promise((resolve) => {
        const words = [...runtimeFlags("Cannot restart"), ...process.argv.slice(1)];
        const child = spawn(process.execPath, words, { stdio: "inherit" });
        process.on("SIGTERM", () => child.kill("SIGTERM"));
        child.on("exit", (code) => resolve(code ?? 1));
      }));
  }
  tellLoaded();
  const { text } = await import(pathToFileURL(path).href);
  bus.subscribe("run", () => print(`runs ${text} ${process.pid} of ${process.ppid}`));
}
await bus.run();
