// Runs under a supervisor. Writes events to the file NOTES, since the supervisor takes the output.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";

const note = (text: string) => appendFileSync(process.env["NOTES"]!, `${process.pid} ${text}\n`);
const bus = new ProcessBus({ name: "app", platform: posix() });
bus.subscribe("signal", ({ name }) => note(`signal ${name}`));
bus.subscribe("log", ({ level, message }) => {
  if (level === "warn" || level === "error") note(`${level} ${message}`);
});
bus.use({
  name: "server",
  start: () =>
    new Promise<ReturnType<typeof createServer>>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
    }),
  stop: (server) => new Promise((resolve) => server.close(resolve)),
});
bus.subscribe("run", () => note("ready"));
bus.subscribe("stop", async (phase) => {
  await phase.delay(700);
  note("stopped in order");
});
process.on("exit", (code) => note(`exit ${code}`));
await bus.run();
