// The shortest program: it starts, waits for Ctrl-C and stops. Run `node examples/first_bus.ts`, then press Ctrl-C.
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native() });
bus.subscribe("start", () => console.log("up"));
bus.subscribe("stop", () => console.log("down"));
await bus.run();
