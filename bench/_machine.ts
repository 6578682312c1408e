/**
 * Where the figures come from: the machine, and how busy it was.
 * @module
 */
import { cpus, loadavg, release, totalmem, type } from "node:os";

/** The machine in a line; nothing in it says whose it is. */
export function machine(): string {
  const models = [...new Set(cpus().map(({ model }) => model.trim()))].join(", ");
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${models}, ${cpus().length} cores, ${gigabytes} GB, ${type()} ${release()}`;
}

/** How many tasks wanted to run, over the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** What the load says of the figures. The bench itself is about one task. */
export function loadLine(before: number, after: number): string {
  const cores = cpus().length;
  const shared = before > 0.5
    ? `The machine was shared with other work, which the worst values show`
    : "The machine had nothing else to do";
  return `${shared}: load ${before.toFixed(1)} before, ${after.toFixed(1)} after, on ${cores} cores.`;
}
