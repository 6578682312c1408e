// Holds our structural types against Deno's own: `deno check test/types/deno.ts`.
import type { DenoLike } from "../../platforms/process/deno_like.ts";

export * from "./process.ts";
export const deno: DenoLike = Deno;
