// Bun.serve under the bus, with routes and WebSockets: Ctrl-C lets answers finish. Run `bun examples/http_bun.ts`.
import process from "node:process";
import { ProcessBus } from "sitebus";
import { httpServer } from "sitebus/http";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native(), deadlines: { drain: 2000 } });

const http = bus.use(httpServer(Bun.serve, {
  port: Number(process.argv[2] ?? 3000),
  fetch(request, server: Bun.Server<undefined>) {
    if (server.upgrade(request)) return; // closed with 1001 when the server stops
    return new Response("Hello\n");
  },
  serve: {
    routes: {
      "/slow": async () => {
        await Bun.sleep(500);
        return new Response("answered\n");
      },
    },
    websocket: {
      message: (socket: Bun.ServerWebSocket, data: string) => void socket.send(data),
    },
  },
}));

bus.subscribe("run", () => console.log(http.value.url));
bus.subscribe("stop", () => console.log("nobody is left"));
await bus.run();
