// Restarts by a child process that it waits for, as on Node 20. The arguments are the options of the platform and the plan, as JSON.
import process from "node:process";
import { ProcessBus, type RestartPlan } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [args, plan] = process.argv.slice(2).map((text) => JSON.parse(text) as unknown);
Object.defineProperty(process, "execve", { value: undefined });
const bus = new ProcessBus({
  name: "parent",
  platform: posix(args ? { restart: { args: args as string[] } } : {}),
});
const running = bus.run();
await bus.wait("run");
print(`parent ${process.pid}`);
bus.restart((plan ?? {}) as RestartPlan).catch((error) => print(`rejected ${error.message}`));
print(`code ${await running}`);
