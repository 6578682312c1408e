// A server in two processes behind one port: kill -USR1 rolls it, and no request is lost.
// Run: node examples/units_prefork.ts   (or: deno run -A, bun)
import { createServer } from "node:http";
import process from "node:process";
import { ProcessBus } from "../mod.ts";
import { native } from "../platforms/native.ts";
import { httpServer } from "../components/http.ts";
import { pool, unit } from "../components/units.ts";

if (process.env["SITEBUS_UNIT"] === undefined) {
  // The site holds the socket, and never accepts.
  const bus = new ProcessBus({ name: "site", platform: native({ signals: { SIGUSR1: "none" } }) });
  const web = bus.use(pool(bus, {
    name: "web",
    kind: "process",
    count: 2,
    entry: new URL(import.meta.url),
    listen: { web: { port: Number(process.env["PORT"] ?? 8080) } },
  }));
  bus.subscribe("signal", async ({ name }) => {
    if (name !== "SIGUSR1") return;
    await web.value.roll();
    console.log("rolled");
  });
  bus.subscribe(
    "run",
    () => console.log(`serves on ${web.value.sockets["web"]?.address}, process ${process.pid}`),
  );
  process.exitCode = await bus.run();
} else {
  // A worker: it listens on the socket that it inherits.
  const bus = new ProcessBus({ name: "worker", platform: unit() });
  const server = createServer((_request, response) => response.end(`Hello from process ${process.pid}\n`));
  bus.use(httpServer(server, { inherit: "web" }));
  await bus.run();
}
