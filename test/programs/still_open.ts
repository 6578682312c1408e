// Leaves things open that keep the process alive: a server, a connection, a child process.
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: posix(), deadlines: { settle: 300 } });
const running = bus.run();
await bus.wait("run");
const server = createServer().listen(0, "127.0.0.1", () => {
  const { port } = server.address() as { readonly port: number };
  connect(port, "127.0.0.1", () => {
    const child = spawn("sleep", ["5"], { stdio: "ignore" });
    process.on("exit", () => child.kill());
    print(`port ${port}, child ${child.pid}`);
    void bus.exit();
  });
});
print(`code ${await running}`);
