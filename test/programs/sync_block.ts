// Blocks its thread for 1.5 seconds, during which signals arrive.
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("signal", ({ name }) => print(`signal ${name}`));
void bus.wait("run").then(() => {
  print("blocking");
  const end = performance.now() + 1500;
  while (performance.now() < end);
  print("unblocked");
});
print(`code ${await bus.run()}`);
