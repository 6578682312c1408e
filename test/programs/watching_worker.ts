// A unit that tells what it loads, and then loads the module that its argument names.
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ProcessBus } from "../../mod.ts";
import { unit } from "../../components/units.ts";
import { tellLoaded } from "../../components/watch.ts";
import { print } from "./_print.ts";

tellLoaded();
const { text } = await import(pathToFileURL(process.argv[2] ?? "").href);
const bus = new ProcessBus({ name: "worker", platform: unit() });
bus.subscribe("run", () => print(`runs ${text} ${process.pid} of ${process.ppid}`));
await bus.run();
