// A site with processes and threads, each of which serves a warm application with a database of its own.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { pool } from "../../components/units.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "site", platform: native() });
const entry = new URL("./unit_warm_worker.ts", import.meta.url);
const args = process.argv.slice(2);
bus.use(pool(bus, { name: "web", kind: "process", count: 2, entry, args }));
bus.use(pool(bus, { name: "lone", kind: "thread", count: 2, entry, args }));
const running = bus.run();
await bus.wait("run");
print("all are ready");
process.exitCode = await running;
