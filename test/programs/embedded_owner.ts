// An embedded bus in a child process or a thread that something else keeps alive.
import { spawn } from "node:child_process";
import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { ProcessBus } from "../../mod.ts";
import { embedded } from "../../platforms/embedded.ts";
import { print } from "./_print.ts";

const [kind, role] = process.argv.slice(2);
if (isMainThread && role !== "child") {
  const begun = performance.now();
  const ended = (code: number | null) =>
    print(`${kind} ended with ${code} after ${Math.round(performance.now() - begun)} ms`);
  if (kind === "thread") {
    new Worker(new URL(import.meta.url), { argv: ["thread", "child"] }).on("exit", ended);
  } else {
    const flags = "Deno" in globalThis ? ["run", "-A", "--quiet"] : [];
    const words = [process.execPath, ...flags, process.argv[1] ?? "", "process", "child"];
    spawn("/usr/bin/env", words, { stdio: ["ignore", "inherit", "inherit", "ipc"] }).on("exit", ended);
  }
} else {
  const port = isMainThread ? process : parentPort!;
  const bus = new ProcessBus({ name: "child", platform: embedded({ port }), deadlines: { settle: 300 } });
  setInterval(() => {}, 1000);
  const running = bus.run();
  await bus.wait("run");
  void bus.exit(3);
  await running;
}
