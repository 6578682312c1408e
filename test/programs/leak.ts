// Leaves an interval behind, so that the process does not end by itself. The argument is the time until force, in milliseconds.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({
  name: "program",
  platform: posix(),
  deadlines: { settle: Number(process.argv[2]) },
});
setInterval(() => {}, 1000);
const running = bus.run();
await bus.wait("run");
void bus.exit(4);
print(`code ${await running}`);
