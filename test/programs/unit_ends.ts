// A thread or process without a bus that ends in one of many ways.
import process from "node:process";
import { isMainThread, parentPort } from "node:worker_threads";

const how = process.argv[2];
if (!isMainThread) parentPort?.postMessage("begun");
const spin = (ms: number) => {
  for (const since = performance.now(); performance.now() - since < ms;);
};
if (how === "exits with 3") process.exit(3);
if (how === "throws") throw new Error("thrown on purpose");
if (how === "sets a code") process.exitCode = 5;
if (how === "waits") setInterval(() => {}, 1000);
if (how === "spins for a while") setTimeout(spin, 0, 800);
if (how === "spins") setTimeout(spin, 0, 15_000);
