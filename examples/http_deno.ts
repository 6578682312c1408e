// Deno.serve under the bus: Ctrl-C lets answers finish and streams end in order. Run `deno run -A examples/http_deno.ts`.
import process from "node:process";
import { ProcessBus } from "sitebus";
import { closeWithServer, httpServer } from "sitebus/http";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native(), deadlines: { drain: 2000 } });

const http = bus.use(httpServer(Deno.serve, {
  port: Number(process.argv[2] ?? 3000),
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/slow":
        await new Promise((resolve) => setTimeout(resolve, 500));
        return new Response("answered\n");
      case "/clock":
        return new Response(clock(request.signal), { headers: { "content-type": "text/event-stream" } });
      case "/echo": {
        const { socket, response } = Deno.upgradeWebSocket(request);
        closeWithServer(socket, request); // 1001, going away
        socket.onmessage = ({ data }) => socket.send(data);
        return response;
      }
      default:
        return new Response("Hello\n");
    }
  },
}));

/** Ticks until its client goes away or the server is about to end. */
function clock(signal: AbortSignal): ReadableStream {
  return ReadableStream.from(async function* () {
    const encoder = new TextEncoder();
    while (!signal.aborted) {
      yield encoder.encode("data: tick\n\n");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
      });
    }
    yield encoder.encode("data: bye\n\n");
  }());
}

bus.subscribe("run", () => console.log(http.value.url));
bus.subscribe("stop", () => console.log("nobody is left"));
await bus.run();
