// Runs a program, and calls `graceful` of its bus when a file appears: `graceful.ts <file> <program> <its arguments>`
import { existsSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ProcessBus } from "../../mod.ts";
import { print } from "./_print.ts";

const [flag = "", program = ""] = process.argv.splice(2, 2);
const { run } = ProcessBus.prototype;
ProcessBus.prototype.run = function () {
  const timer = setInterval(() => {
    if (!existsSync(flag)) return;
    clearInterval(timer);
    this.graceful().then(() => print("graceful: done"), (error) => print(`graceful: ${error}`));
  }, 20);
  this.subscribe("exit", () => clearInterval(timer));
  return run.call(this);
};
process.argv[1] = program;
await import(pathToFileURL(program).href);
