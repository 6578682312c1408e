// A bus that is never blocked. The application keeps the process alive until the bus stops it. The exit code is 7.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { windows } from "../../platforms/windows.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: windows({ named: true, service: true }) });
const beating = setInterval(() => {}, 1000);
bus.subscribe("stop", () => clearInterval(beating));
bus.subscribe("exited", () => print("exited"));
process.on("exit", (code) => print(`process exits ${code}`));
await bus.start();
print("ready");
await bus.exit(7);
