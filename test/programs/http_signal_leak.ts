// Handles many requests by Deno.serve or Bun.serve, with listeners on their signals, and prints how many signals are left in memory.
import { inline, ProcessBus } from "../../mod.ts";
import { type DenoServeLike, httpServer } from "../../components/http.ts";
import { print } from "./_print.ts";

const { Deno, Bun, gc } = globalThis as unknown as {
  readonly Deno?: { readonly serve: DenoServeLike };
  readonly Bun?: { readonly serve: DenoServeLike; gc(now: boolean): void };
  readonly gc?: () => void;
};
let left = 0;
const gone = new FinalizationRegistry(() => left--);
const bus = new ProcessBus({ platform: inline() });
const http = bus.use(httpServer((Deno ?? Bun)?.serve as DenoServeLike, {
  port: 0,
  fetch(request) {
    left++;
    gone.register(request.signal, undefined);
    request.signal.addEventListener("abort", () => {});
    return new Response("quick");
  },
}));
await bus.start();
for (let index = 0; index < 1000; index++) await (await fetch(http.value.url)).text();
for (let tries = 0; tries < 50 && left > 100; tries++) {
  if (Bun) Bun.gc(true);
  else gc?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
print(`left ${left}`);
await bus.exit();
