// A bus in a child process with an IPC channel, on which the child listens. The parent prints when the child has ended.
import { spawn } from "node:child_process";
import cluster from "node:cluster";
import { createServer } from "node:http";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [how = "", role] = process.argv.slice(2);
const exited = (code: number | null) => print(`child exited with ${code}`);
if (how === "cluster" && cluster.isPrimary) {
  cluster.fork().on("exit", exited);
} else if (how === "fork" && role !== "child") {
  const flags = "Deno" in globalThis ? ["run", "-A", "--quiet"] : [];
  // By `env`, since Deno would rewrite the arguments where it spawns itself.
  const words = [process.execPath, ...flags, process.argv[1] ?? "", "fork", "child"];
  spawn("/usr/bin/env", words, { stdio: ["ignore", "inherit", "inherit", "ipc"] }).on("exit", exited);
} else {
  const bus = new ProcessBus({ name: "child", platform: posix() });
  process.on("message", () => {});
  bus.use({
    name: "server",
    start: () =>
      new Promise<ReturnType<typeof createServer>>((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
      }),
    stop: (server) => new Promise((resolve) => server.close(resolve)),
  });
  const running = bus.run();
  await bus.wait("run");
  void bus.exit(3);
  await running;
  print("left");
}
