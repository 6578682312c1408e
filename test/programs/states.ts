// Prints every state, signal and log record, until a signal ends it.
import process from "node:process";
import { ProcessBus, type State } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: posix({ signals: { SIGUSR2: "graceful" } }) });
const states = ["enter", "idle", "start", "run", "drain", "stop", "exit", "exited"] as const;
for (const state of states) bus.subscribe(state, () => print(`state ${state}`), { name: `print ${state}` });
bus.subscribe("signal", ({ name, number }) => print(`signal ${name} ${number}`));
bus.subscribe("log", ({ level, message }) => print(`log ${level} ${message}`));
bus.subscribe("reload", ({ generation }) => ({ commit: () => print(`reloaded ${generation}`) }));
void bus.wait("run").then(() => print(`ready ${process.pid}` as State));
const code = await bus.run();
print(`code ${code}`);
