// A server on the inherited socket "web" that responds with its process id. `http_inherited.ts <http|https> [lame duck in ms]`
import { createServer } from "node:http";
import { createServer as createSecure } from "node:https";
import process from "node:process";
import { httpServer } from "../../components/http.ts";
import { ProcessBus } from "../../mod.ts";
import { native } from "../../platforms/native.ts";
import { cert, key } from "../components/http/_certificate.ts";
import { print } from "./_print.ts";

const [kind, lameDuckMs = "0"] = process.argv.slice(2);
const bus = new ProcessBus({ platform: native(), deadlines: { drain: 8000 } });
interface Answer {
  write(text: string): unknown;
  end(text: string): unknown;
}
const answer = (request: { readonly url?: string | undefined }, response: Answer) => {
  if (request.url === "/stream") {
    response.write("begun");
    // When the listener is closed.
    bus.running.addEventListener("abort", () => void setTimeout(() => response.end("over"), 200));
    return;
  }
  setTimeout(
    () => response.end(request.url === "/ok" ? "ok" : `by ${process.pid}`),
    request.url === "/slow" ? 500 : 2,
  );
};
const server = kind === "https" ? createSecure({ cert, key }, answer) : createServer(answer);
const web = bus.use(httpServer(server, { inherit: "web", lameDuckMs: Number(lameDuckMs) }));
bus.subscribe("run", () => print(`up ${process.pid} ${web.value.port}`));
bus.subscribe("drain", () => print("draining"), { priority: 0 });
process.exitCode = await bus.run();
