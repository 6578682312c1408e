// A bus in a child process. The parent controls it over IPC, or goes away.
import { spawn } from "node:child_process";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { embedded } from "../../platforms/embedded.ts";
import { print } from "./_print.ts";

const [role, how] = process.argv.slice(2);
if (role !== "child") {
  const flags = "Deno" in globalThis ? ["run", "-A", "--quiet"] : [];
  // By `env`, since Deno would rewrite the arguments where it spawns itself.
  const program = process.argv[1] ?? "";
  const child = spawn("/usr/bin/env", [process.execPath, ...flags, program, "child"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("message", (message: { readonly state?: string; readonly settled?: boolean }) => {
    print(JSON.stringify(message));
    if (message.state !== "run" || !message.settled) return;
    if (how === "disconnect") child.disconnect();
    else child.send({ sitebus: "exit", code: 6 });
  });
  child.on("exit", (code) => print(`child exited with ${code}`));
} else {
  const bus = new ProcessBus({ name: "child", platform: embedded({ port: process }) });
  bus.subscribe("stop", (phase) => print(`stopping by ${phase.reason.name}`));
  process.exitCode = await bus.run();
}
