/**
 * The clock of the machine that nobody sets, as the service manager has it.
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { loadLibc } from "../../platforms/process/libc.ts";

const CLOCK_MONOTONIC = 1;
/** The unit of `/proc/uptime`, which cuts the rest off. */
const CENTISECOND_US = 10_000n;

/** Microseconds by CLOCK_MONOTONIC; at worst 10 ms too late, never too early. */
export function monotonicMicros(): bigint {
  const { deno, bun } = process.versions as Readonly<Record<string, string | undefined>>;
  // Elsewhere it begins with the process.
  if (deno === undefined && bun === undefined) return process.hrtime.bigint() / 1000n;
  try {
    const time = new Uint8Array(16);
    if (loadLibc().clock_gettime(CLOCK_MONOTONIC, time) === 0) {
      const view = new DataView(time.buffer);
      return view.getBigInt64(0, true) * 1_000_000n + view.getBigInt64(8, true) / 1000n;
    }
  } catch {
    // Without the library the operating system tells it in a file.
  }
  const [seconds = "0", rest = "0"] = readFileSync("/proc/uptime", "utf8").split(" ")[0]!.split(".");
  return BigInt(seconds) * 1_000_000n + BigInt(rest) * CENTISECOND_US + CENTISECOND_US;
}
