// sitebus/http, over the server that the command line names, with so many milliseconds of a lame duck.
import { createServer } from "node:http";
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { type BunServeLike, type DenoServeLike, httpServer } from "../../components/http.ts";
import { posix } from "../../platforms/posix.ts";
import { fetch, listener, listening } from "./drain_app.ts";

const [kind, lameDuckMs = "0"] = process.argv.slice(2);
const options = { port: 0, lameDuckMs: Number(lameDuckMs) };
const { Deno, Bun } = globalThis as {
  Deno?: { serve: DenoServeLike };
  Bun?: { serve: BunServeLike };
};
const serve = kind === "node:http" ? undefined : (Deno ?? Bun)?.serve;

const bus = new ProcessBus({ name: "bench", platform: posix() });
const web = bus.use(
  serve === undefined
    ? httpServer(createServer(listener), options)
    : httpServer(serve, { ...options, fetch }),
);
bus.subscribe("run", () => listening(web.value.port ?? 0));
await bus.run();
