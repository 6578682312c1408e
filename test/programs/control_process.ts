/**
 * A process with control, whose socket is the first argument. The second says what it does: `ends` has nothing more to do and
 * is kept alive by nobody; `blocks` runs until it is asked to end; `exhausts` uses up all file descriptors for a moment.
 * @module
 */
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { control } from "../../components/control.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const [path = "", what = "blocks"] = process.argv.slice(2);
const bus = new ProcessBus({ name: "program", platform: native() });
bus.subscribe("log", ({ level, message }) => {
  if (level === "warn" || level === "error") print(`${level}: ${message}`);
});
const handle = control(bus, path === "" ? {} : { path });

if (what === "ends") {
  await bus.start();
  print(`open ${handle.path}`);
  // Time for a client to connect.
  setTimeout(() => print("nothing more to do"), 1500);
} else if (what === "exhausts") {
  await bus.start();
  const files: number[] = [];
  try {
    for (;;) files.push(openSync("/dev/null", "r"));
  } catch (error) {
    print(`exhausted: ${(error as { code?: string }).code}`);
  }
  setTimeout(() => {
    for (const file of files) closeSync(file);
    print("free");
  }, 1500);
  await bus.block();
} else {
  bus.wait("run").then(() => print(`open ${handle.path}`), () => {});
  await bus.run();
  print("left");
}
