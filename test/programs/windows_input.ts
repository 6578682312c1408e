// A service whose successor reads the standard input. `windows_input.ts parent` starts the service, and writes to its input when
// the successor runs. The successor, which has no bus, prints its input.
import { spawn } from "node:child_process";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { windows } from "../../platforms/windows.ts";
import { print } from "./_print.ts";

const [, file = "", role] = process.argv;
if (role === "parent") parent();
else if (role === "successor") successor();
else await service();

function parent(): void {
  const child = spawn(process.execPath, [file, "service"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdout?.setEncoding("utf8").on("data", async (text: string) => {
    print(text.trimEnd());
    if (!text.includes("ready")) return;
    for (let line = 1; line <= 4; line++) {
      child.stdin?.write(`${line} `);
      // One read each.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    child.stdin?.end();
  });
}

async function service(): Promise<void> {
  const bus = new ProcessBus({
    platform: windows({ service: { stdin: true }, events: { CTRL_SHUTDOWN: null } }),
  });
  const running = bus.run();
  await bus.wait("run");
  void bus.restart({ args: [file, "successor"] });
  await running;
}

function successor(): void {
  let read = "";
  process.stdin.setEncoding("utf8").on("data", (text: string) => read += text);
  process.stdin.on("end", () => print(`the successor has read ${read}`));
  print("ready");
}
