// A unit that serves an application which is made before the first request, with a database that takes its time to open.
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import process from "node:process";
import { type Guest, ProcessBus } from "../../mod.ts";
import { httpServer } from "../../components/http.ts";
import { mount } from "../../components/lazy.ts";
import { site, unit } from "../../components/units.ts";
import { print } from "./_print.ts";

const name = process.env["SITEBUS_UNIT"] ?? "";
const [path = ""] = process.argv.slice(2);
let made = 0;
let opened = 0;

const shop = (guest: Guest) => {
  made++;
  const db = guest.use({
    name: "db",
    async start() {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const file = await open(path);
      print(`${name} opens its database`);
      opened++;
      return file;
    },
    stop: (file) => file.close(),
  });
  return async () => {
    const { bytesRead } = await db.value.read(new Uint8Array(4), 0, 4, 0);
    return new Response(`${name} made ${made}, opened ${opened}, read ${bytesRead}`);
  };
};

const bus = new ProcessBus({ name: "worker", platform: unit() });
site(bus);
const app = mount(bus, { "/": { load: () => Promise.resolve({ default: shop }), warm: true } });
const server = createServer(async (request, response) => {
  const answer = await app.fetch(new Request(new URL(request.url ?? "/", "http://127.0.0.1/")));
  response.writeHead(answer.status, { connection: "close" }).end(await answer.text());
});
const http = bus.use(httpServer(server, { port: 0 }));
bus.subscribe("run", () => print(`${name} is ready at ${http.value.port}`));
process.exitCode = await bus.run();
