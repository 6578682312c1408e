// A server as a service of the operating system: a pid file, no rights of root once the port is open, and a watchdog.
// Run: node examples/os_service.ts 8080 /tmp/shop.pid   (or: deno run -A, bun)   As root, name a user: … 80 /run/shop.pid www-data
import { createServer } from "node:http";
import process from "node:process";
import { ProcessBus } from "../mod.ts";
import { native } from "../platforms/native.ts";
import { httpServer } from "../components/http.ts";
import { pidFile, privileges, systemd, watchdog } from "../components/os.ts";

const [port = "8080", file = "/tmp/shop.pid", user] = process.argv.slice(2);
const bus = new ProcessBus({ name: "shop", platform: native() });
bus.subscribe("log", ({ level, message }) => void (level !== "debug" && console.log(message)));

bus.use(pidFile(file));
bus.use(systemd(bus)); // tells nothing where systemd has not started it
bus.use(watchdog(bus, { stuckMs: 30_000 }));
const server = createServer((_request, response) => response.end(`Hello from process ${process.pid}\n`));
const web = bus.use(httpServer(server, { name: "web", port: Number(port) }));
if (user !== undefined) bus.use(privileges({ user, umask: "027", dependsOn: ["web", "pidFile"] }));

bus.wait("run").then(() => console.log(`Serves at ${web.value.url}`), () => {});
process.exitCode = await bus.run();
