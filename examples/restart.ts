// A process that stops in order and starts anew. Run `node examples/restart.ts`, then `kill -HUP` its number, then Ctrl-C.
import process from "node:process";
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native({ signals: { SIGHUP: "restart" } }) });
bus.subscribe("run", () => console.log(`up, process ${process.pid}`));
bus.subscribe("stop", ({ reason }) => console.log(`down because of ${reason.name}`));
await bus.run();
