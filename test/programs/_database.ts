/**
 * A component for programs in a host, controlled by environment variables. START_MS and STOP_MS: the times of the start and the
 * stop; FAIL: how many starts fail.
 * @module
 */
import process from "node:process";
import type { ProcessBus } from "../../mod.ts";
import { print } from "./_print.ts";

/** Resolves after so many milliseconds of real time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Adds the component to the bus; counts its starts. */
export function useDatabase<C extends object>(bus: ProcessBus<C>): { readonly starts: number } {
  const { START_MS = "0", STOP_MS = "0", FAIL = "0" } = process.env;
  const counted = { starts: 0 };
  bus.use({
    name: "db",
    async start() {
      print(`start ${++counted.starts}`);
      await sleep(Number(START_MS));
      if (counted.starts <= Number(FAIL)) throw new Error("no database");
      print("up");
    },
    async stop(_value, { left }) {
      print(`stop, ${Math.round(left() / 100) / 10} s left`);
      await sleep(Number(STOP_MS));
      print("stopped");
    },
  });
  return counted;
}
