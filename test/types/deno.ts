// Holds our structural types against Deno's own: `deno check test/types/deno.ts`.
import { type DenoServeLike, httpServer, requestSignal } from "../../components/http.ts";
import type { DenoLike } from "../../platforms/process/deno_like.ts";
import type {} from "../../examples/http_deno.ts";

export * from "./process.ts";
export const deno: DenoLike = Deno;

// What serves, and what is made of its requests, goes in without a cast.
export const serve: DenoServeLike = Deno.serve;
export const http = httpServer(Deno.serve, {
  fetch: (request: Request, info: Deno.ServeHandlerInfo) => {
    const signal: AbortSignal = requestSignal(request);
    return new Response(`${info.remoteAddr.transport} ${signal.aborted}`);
  },
  serve: { cert: "", key: "" },
});
