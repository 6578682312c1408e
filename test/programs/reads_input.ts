// Reads the standard input in the way that its first argument names. With a second argument, the end of the input asks for a stop.
import process from "node:process";
import { createInterface } from "node:readline";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [how, stdin] = process.argv.slice(2);
const bus = new ProcessBus({ name: "program", platform: posix({ stdin: stdin === "stdin" }) });
bus.subscribe("run", () => {
  print("ready");
  if (how === "data") process.stdin.on("data", (data) => print(`read ${String(data).trim()}`));
  if (how === "readline") {
    createInterface({ input: process.stdin }).on("line", (line) => print(`read ${line}`));
  }
  if (how === "iterate") void iterate();
});
async function iterate(): Promise<void> {
  for await (const data of process.stdin) print(`read ${String(data).trim()}`);
}
bus.subscribe("stop", (phase) => print(`stopping by ${phase.reason.name}`));
print(`code ${await bus.run()}`);
