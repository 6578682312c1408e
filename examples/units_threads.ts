// A pool of threads for work: each finds the primes of its share of the numbers, and the thread that fails is replaced.
// Run: node examples/units_threads.ts   (or: deno run -A, bun)
import process from "node:process";
import { ProcessBus } from "../mod.ts";
import { native } from "../platforms/native.ts";
import { pool, site, unit } from "../components/units.ts";

const threads = 2;
const numbers = 200_000;

function isPrime(n: number): boolean {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return false;
  return n > 1;
}

if (process.env["SITEBUS_UNIT"] === undefined) {
  // The site: one bus for the process.
  const bus = new ProcessBus<{ found: [slot: number, primes: number] }>({ platform: native() });
  const entry = new URL(import.meta.url);
  bus.use(pool(bus, { name: "primes", kind: "thread", count: threads, entry, rights: ["publish:found"] }));
  let [shares, primes] = [0, 0];
  bus.subscribe("found", (_slot, count) => {
    primes += count;
    if (++shares < threads) return;
    console.log(`${primes} primes below ${numbers}`);
    void bus.exit();
  });
  process.exitCode = await bus.run();
} else {
  // A thread: a bus of its own, which has the share of its slot.
  const bus = new ProcessBus({ name: "worker", platform: unit() });
  const above = site(bus);
  const slot = Number(process.env["SITEBUS_SLOT"]);
  bus.use({
    name: "work",
    async run(_value, signal) {
      let count = 0;
      for (let n = slot; n < numbers && !signal.aborted; n += threads) if (isPrime(n)) count++;
      await above.publish("found", [slot, count], { scope: "process" });
      if (!signal.aborted) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      }
    },
  });
  await bus.run();
}
