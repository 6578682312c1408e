// A bus on a platform of one's own; its parent is the shell. Run it with Node, Deno or Bun:
//     (sleep 1; echo exit 2000; sleep 1) | node examples/own_platform_program.ts
import { ProcessBus } from "sitebus";
import { inputPlatform } from "./own_platform.ts";

const bus = new ProcessBus({ platform: inputPlatform() });
bus.subscribe("run", () => console.log("ready"));
bus.subscribe("stop", ({ reason, left }) => {
  console.log(`stops because of the ${reason.name}, within ${left() <= 2000 ? "2 s" : "5 s"}`);
});
await bus.run();
