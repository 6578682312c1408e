// Many clients send requests to a server of node:http while it drains. The program prints the results of the requests as JSON.
// `http_node_lame_duck.ts <requests> <clients> [lame duck in ms]`; the program starts the server as a process of its own.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ProcessBus } from "../../mod.ts";
import { httpServer } from "../../components/http.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const [first = "", second = "50", third = "3000"] = process.argv.slice(2);
if (first === "server") await serve(Number(second));
else await ask(Number(first), Number(second), Number(third));

async function serve(lameDuckMs: number): Promise<void> {
  const bus = new ProcessBus({
    platform: native({ graceMs: 120_000 }),
    deadlines: { drain: lameDuckMs * 2 + 2000 },
  });
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => setTimeout(() => response.end("ok"), 2));
  });
  const http = bus.use(httpServer(server, { port: 0, lameDuckMs }));
  bus.subscribe("run", () => print(`port ${http.value.port}`));
  bus.subscribe("drain", () => print("draining"), { priority: 0 });
  process.exitCode = await bus.run();
}

async function ask(requests: number, clients: number, lameDuckMs: number): Promise<void> {
  const file = fileURLToPath(import.meta.url);
  const flags = "Deno" in globalThis ? ["run", "-A"] : [];
  const child = spawn(process.execPath, [...flags, file, "server", String(lameDuckMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const found = {
    answered: 0,
    duringLameDuck: 0,
    failed: 0,
    resets: 0,
    unanswered: 0,
    refused: 0,
    connections: 0,
  };
  let draining = false;
  let since = 0;
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const port = await new Promise<number>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const [, digits] = /port (\d+)/.exec(text) ?? [];
      if (digits) resolve(Number(digits));
      if (text.includes("draining")) {
        draining = true;
        since = performance.now();
      }
    });
  });
  // When the lame duck is over, all clients have noticed that the server drains.
  const over = () =>
    draining && (found.duringLameDuck >= requests || performance.now() - since > lameDuckMs * 0.8);
  const one = async () => {
    while (!over()) {
      found.connections++;
      const how = await useConnection(port, () => !over(), () => {
        found.answered++;
        if (draining) found.duringLameDuck++;
      });
      if (how === "closed") continue;
      if (how === "unanswered") found.unanswered++;
      else if (how === "ECONNREFUSED") found.refused++;
      else if (how === "ECONNRESET" || how === "EPIPE") found.resets++;
      found.failed++;
      if (found.failed > 1000) return;
    }
  };
  const all = Promise.all(Array.from({ length: clients }, one));
  // Not `child.kill`: Deno would then report the signal instead of the exit code.
  setTimeout(() => process.kill(child.pid ?? 0, "SIGTERM"), 500);
  await all;
  const code = await ended;
  print(JSON.stringify({ ...found, code, stopMs: Math.round(performance.now() - since) }));
}

/** Sends one request after another until the server says that the connection closes; resolves to how the connection ended. */
function useConnection(port: number, more: () => boolean, answered: () => void): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: "127.0.0.1", port });
    let text = "";
    let waiting = false;
    let last = false;
    const send = () => {
      waiting = true;
      socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
    };
    socket.setEncoding("latin1").on("connect", send).on("data", (chunk: string) => {
      text += chunk;
      if (!text.endsWith("\r\n\r\nok")) return;
      last = /connection: close/i.test(text);
      text = "";
      waiting = false;
      answered();
      // A correct client sends nothing on a connection that the server is about to close.
      if (!last && more()) send();
      else if (!last) socket.end();
    });
    socket.on("end", () => socket.end());
    socket.on("error", (error: Error & { code?: string }) => resolve(error.code ?? error.message));
    socket.on("close", () => resolve(waiting ? "unanswered" : "closed"));
  });
}
