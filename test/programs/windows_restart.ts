// Restarts by a child process that it waits for. `windows_restart.ts parent <word>...` restarts with a plan, which gives the words
// to the child; `windows_restart.ts same <word>...` restarts with its own arguments. The child cleans up for a second, and ends
// with 44.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { windows } from "../../platforms/windows.ts";
import { print } from "./_print.ts";

const [, file = "", role, ...words] = process.argv;
const generation = process.env["GENERATION"] ?? "first";
const env = { ...process.env as Record<string, string>, GENERATION: "second" };
const bus = new ProcessBus({ name: "program", platform: windows() });
bus.subscribe("signal", ({ name }) => print(`${generation} has ${name}`));
if (generation === "first") process.on("exit", (code) => print(`first exits with ${code}`));
const running = bus.run();
await bus.wait("run");
print(`${generation} ${process.pid} ${JSON.stringify([words, process.execArgv])}`);
if (generation === "first") {
  const flags = "Deno" in globalThis ? ["run", "-A"] : [];
  const plan = role === "parent" ? { args: [...flags, file, "child", ...words], env } : { env };
  bus.restart(plan).catch((error: Error) => print(`rejected ${error.message}`));
} else {
  bus.subscribe("signal", () => void bus.exit(44).catch(() => {}));
  bus.subscribe("stop", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    print("cleaned up");
  });
}
print(`${generation} ends with ${await running}`);
