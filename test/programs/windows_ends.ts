// A bus with named events in a process that ends in a way in which no "exit" listener of the platform is called:
// `windows_ends.ts <how>`.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { windows } from "../../platforms/windows.ts";
import { print } from "./_print.ts";

const ways: Readonly<Record<string, () => void>> = {
  "a listener that throws": () => {
    process.on("uncaughtException", () => {
      throw new Error("again");
    });
    setTimeout(() => {
      throw new Error("first");
    });
  },
  "no listeners": () => {
    process.removeAllListeners("exit");
    process.exit(7);
  },
  "reallyExit": () => (process as unknown as { reallyExit(code: number): void }).reallyExit(7),
};
const bus = new ProcessBus({ name: "program", platform: windows({ named: true }) });
void bus.run();
await bus.wait("run");
// Gives the thread time to begin to wait.
await new Promise((resolve) => setTimeout(resolve, 500));
print("ready");
ways[process.argv[2] ?? ""]?.();
