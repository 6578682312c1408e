// An application under the bus, by Deno.serve, Bun.serve or srvx, whichever is asked for; it stops on a signal.
// `http_web_server.ts <serve|srvx> <lame duck in ms> <drain in ms>`
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { type DenoServeLike, httpServer } from "../../components/http.ts";
import { native } from "../../platforms/native.ts";
import { print } from "./_print.ts";

const [kind, lameDuckMs = "0", drainMs = "2000"] = process.argv.slice(2);
const { Deno, Bun } = globalThis as unknown as Record<string, { readonly serve: DenoServeLike } | undefined>;

async function answer(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (pathname === "/large") return new Response("x".repeat(30_000_000));
  if (pathname === "/never") await new Promise(() => {});
  if (request.method === "POST") await request.text();
  await new Promise((resolve) => setTimeout(resolve, Number(search.slice(1))));
  return new Response("ok");
}

const deadlines = { drain: Number(drainMs), exit: 500 };
const bus = new ProcessBus({ platform: native(), deadlines });
const options = { port: 0, lameDuckMs: Number(lameDuckMs) };
const http = bus.use(await component());
bus.subscribe("run", () => print(http.value.url));
bus.subscribe("drain", () => print("draining"), { priority: 0 });
bus.subscribe("exit", () => print("exiting"));
process.exitCode = await bus.run();

async function component(): Promise<ReturnType<typeof httpServer>> {
  if (kind === "srvx") {
    const { serve } = await import("srvx");
    return httpServer(serve({ fetch: answer, manual: true, silent: true, gracefulShutdown: false }), options);
  }
  const serve = (Deno ?? Bun)?.serve;
  if (!serve) throw new Error("This runtime has neither Deno.serve nor Bun.serve");
  return httpServer(serve, { ...options, fetch: answer });
}
