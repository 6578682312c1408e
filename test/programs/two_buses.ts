// Runs two buses at the same time, then one after the other.
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const first = new ProcessBus({ name: "first", platform: posix() });
const running = first.run();
await first.wait("run");
print(`second: ${await new ProcessBus({ name: "second", platform: posix() }).run()}`);
void first.exit(3);
print(`first: ${await running}`);

const third = new ProcessBus({ name: "third", platform: posix() });
third.subscribe("run", () => print("third runs"));
print(`third: ${await third.run()}`);
