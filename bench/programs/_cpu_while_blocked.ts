import process from "node:process";
import { print } from "./_print.ts";

// As they are before somebody counts them.
const { setTimeout } = globalThis;

/** Prints the CPU milliseconds that this process takes between the first second from now and the eleventh. */
export function measureCpu(fired: () => number): void {
  print("ready");
  let from: { user: number; system: number };
  setTimeout(() => {
    from = process.cpuUsage();
  }, 1000);
  setTimeout(() => {
    const { user, system } = process.cpuUsage(from);
    print(`cpu ${(user + system) / 1000} ${fired()}`);
  }, 11_000);
}
