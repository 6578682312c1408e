/**
 * Watches a configuration file, and ends when nothing else is left to do; "block" as the second argument blocks, and
 * tells how often the process has woken up in three seconds.
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ProcessBus } from "../../mod.ts";
import { native } from "../../platforms/native.ts";
import { configFile } from "../../components/reload.ts";
import { print } from "./_print.ts";

const [path = "", blocks] = process.argv.slice(2);
const bus = new ProcessBus({ platform: native() });
bus.use(configFile(bus, path));
await bus.start();
print("ready");
if (blocks) {
  void bus.block();
  // What the start has left to do is over then.
  await sleep(1_000);
  const before = switches();
  await sleep(3_000);
  print(`woken ${switches() - before} times`);
  await bus.exit();
}

/** How often the main thread has slept and woken. */
function switches(): number {
  const [, count] = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ??
    [];
  return Number(count);
}
