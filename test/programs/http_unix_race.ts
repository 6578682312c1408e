// Listens on a unix socket at a moment that several processes share. `http_unix_race.ts <path> <time>`
import { createServer } from "node:http";
import process from "node:process";
import { httpServer } from "../../components/http.ts";
import { inline, ProcessBus } from "../../mod.ts";
import { print } from "./_print.ts";

const [path = "", at] = process.argv.slice(2);
const bus = new ProcessBus({ platform: inline() });
bus.subscribe("log", () => {});
bus.use(httpServer(createServer((_, response) => response.end("ok")), { path }));
await new Promise((resolve) => setTimeout(resolve, Number(at) - Date.now()));
await bus.start().then(() => print("race: up"), (error: Error) => print(`race: ${error.message}`));
