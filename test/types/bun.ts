// Holds our structural types against Node's, as @types/bun has them: `tsc -p tsconfig.bun.json`.
import ffi from "bun:ffi";
import type { BuiltinModules } from "../../platforms/process/process_like.ts";
import { type BunServeLike, httpServer, requestSignal } from "../../components/http.ts";

export * from "./process.ts";
export const foreign: BuiltinModules["bun:ffi"] = ffi;

// What serves, and what is made of its requests, goes in without a cast.
export const serve: BunServeLike = Bun.serve;
export const http = httpServer(Bun.serve, {
  fetch: (request: Request, server: Bun.Server<undefined>) => {
    const signal: AbortSignal = requestSignal(request);
    return server.upgrade(request) ? undefined : new Response(`${signal.aborted}`);
  },
  serve: { websocket: { message: (socket: Bun.ServerWebSocket) => socket.send("hello") } },
});
