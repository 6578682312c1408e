// Restarts itself three times, with different arguments and variables, and writes much output before each restart.
import process from "node:process";
import { readFileSync } from "node:fs";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const generation = Number(process.argv[2] ?? 0);
const bus = new ProcessBus({ name: `generation${generation}`, platform: posix() });
const running = bus.run();
await bus.wait("run");
print(`generation ${generation} pid ${process.pid} env ${process.env["GENERATION"] ?? "none"}`);
process.stdout.write(`${"x".repeat(99)}\n`.repeat(2000));
if (generation < 3) {
  const own = readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(1, -1);
  const next = String(generation + 1);
  const args = [...own.slice(0, own.findIndex((one) => one.endsWith("restart.ts")) + 1), next];
  bus.restart({ args, env: { GENERATION: next } }).catch(() => {});
} else {
  void bus.exit(5);
}
await running;
