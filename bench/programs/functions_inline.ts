// A bus with one component, up to a settled `run`.
import { inline, ProcessBus } from "../../mod.ts";

const bus = new ProcessBus({ platform: inline() });
bus.use({ name: "made", start: async () => "hello" });
await bus.start();
