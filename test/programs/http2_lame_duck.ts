// Clients of HTTP/2 send requests without a pause while a server drains. The program prints the results of the requests as JSON.
// `http2_lame_duck.ts <node|serve> [lame duck in ms]`; the program starts the server as a process of its own.
import { spawn } from "node:child_process";
import { type ClientHttp2Session, connect, createSecureServer, createServer } from "node:http2";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type DenoServeLike, httpServer } from "../../components/http.ts";
import { ProcessBus } from "../../mod.ts";
import { native } from "../../platforms/native.ts";
import { cert, key } from "../components/http/_certificate.ts";
import { print } from "./_print.ts";

/** The number of connections, and of requests at once on each. */
const [SESSIONS, STREAMS] = [10, 4];

const [kind = "node", ms = "1000", role] = process.argv.slice(2);
if (role === "server") await serve(kind, Number(ms));
else await ask(kind, Number(ms));

async function serve(kind: string, lameDuckMs: number): Promise<void> {
  const bus = new ProcessBus({ platform: native(), deadlines: { drain: lameDuckMs * 2 + 2000 } });
  const answer = (_: unknown, response: { end(text: string): unknown }) =>
    void setTimeout(() => response.end("ok"), 2);
  const { Deno } = globalThis as unknown as { readonly Deno?: { readonly serve: DenoServeLike } };
  const options = { port: 0, lameDuckMs };
  const http = bus.use(
    kind === "serve" && Deno
      ? httpServer(Deno.serve, {
        ...options,
        fetch: async () => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          return new Response("ok");
        },
        serve: { cert, key },
      })
      : httpServer(
        kind === "tls" ? createSecureServer({ cert, key }, answer) : createServer(answer),
        options,
      ),
  );
  bus.subscribe("run", () => print(`url ${http.value.url}`));
  bus.subscribe("drain", () => print("draining"), { priority: 0 });
  process.exitCode = await bus.run();
}

async function ask(kind: string, lameDuckMs: number): Promise<void> {
  const flags = "Deno" in globalThis ? ["run", "-A"] : [];
  const words = [...flags, fileURLToPath(import.meta.url), kind, String(lameDuckMs), "server"];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const found = { answered: 0, inDrain: 0, refused: 0, lost: [] as string[], sessions: 0 };
  let drainingSince = Infinity;
  const url = await new Promise<string>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const [, url] = /url (\S+)/.exec(text) ?? [];
      if (url) resolve(url);
      if (text.includes("draining")) drainingSince = performance.now();
    });
  });
  // When the lame duck is over, all clients have noticed that the server drains.
  const isOver = () => performance.now() - drainingSince > lameDuckMs * 0.5;
  const onSession = async () => {
    let session: ClientHttp2Session | undefined;
    let isUsable = false;
    const one = async () => {
      while (!isOver()) {
        if (!session || !isUsable) {
          found.sessions++;
          const opened = connect(url, { rejectUnauthorized: false });
          session = opened;
          isUsable = true;
          const leave = () => {
            if (session === opened) isUsable = false;
          };
          opened.on("goaway", leave).on("close", leave).on("error", leave);
        }
        const how = await get(session);
        if (how === "ok") {
          found.answered++;
          if (drainingSince !== Infinity) found.inDrain++;
        } else if (how === "refused") found.refused++;
        else if (how !== "not sent") found.lost.push(how);
        if (how !== "ok") await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    await Promise.all(Array.from({ length: STREAMS }, one));
    session?.close();
  };
  setTimeout(() => process.kill(child.pid ?? 0, "SIGTERM"), 500);
  await Promise.all(Array.from({ length: SESSIONS }, onSession));
  print(JSON.stringify({ ...found, code: await ended }));
}

function get(session: ClientHttp2Session): Promise<string> {
  return new Promise((resolve) => {
    if (session.closed || session.destroyed) return resolve("not sent");
    let text = "";
    const stream = session.request({ ":path": "/" });
    // After GOAWAY, Node does not send the requests that are still in its queue.
    let isSent = true;
    stream.on("frameError", () => isSent = false);
    const settle = (how: string) => resolve(stream.id === undefined || !isSent ? "not sent" : how);
    stream.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
    stream.on("end", () => {
      if (text === "ok") resolve("ok");
    });
    stream.on("error", (error: Error & { code?: string }) => {
      settle(stream.rstCode === 7 ? "refused" : error.code ?? error.message);
    });
    stream.on("close", () => settle(text === "ok" ? "ok" : stream.rstCode === 7 ? "refused" : "closed"));
    stream.end();
  });
}
