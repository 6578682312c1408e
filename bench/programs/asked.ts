// A bus with control in the folder that is named, to be asked by clients.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { control } from "../../components/control.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "bench", platform: native() });
for (const name of ["config", "db", "cache"]) {
  bus.use({ name, start: () => {} });
}
const { opened, path } = control(bus, {
  path: `${process.argv.at(-1)}/bench-${process.pid}.sock`,
});
bus.subscribe("run", async () => print(`ready ${await opened} ${path}`));
await bus.run();
