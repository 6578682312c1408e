// Listens for one signal, and prints a line whenever it arrives.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix, type SignalName } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const name = process.argv[2] as SignalName;
const bus = new ProcessBus({ name: "program", platform: posix({ signals: { [name]: "none" } }) });
let count = 0;
bus.subscribe("signal", (reason) => {
  print(`signal ${reason.name} ${++count}`);
  if (count === 2) void bus.exit();
});
bus.subscribe("run", () => print("ready"));
print(`code ${await bus.run()}`);
