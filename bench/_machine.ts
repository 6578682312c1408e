/**
 * Describes the machine of the figures, and how busy it was.
 * @module
 */
import { cpus, loadavg, release, totalmem, type } from "node:os";

/** Describes the machine in a line, without its name. */
export function machine(): string {
  const models = [...new Set(cpus().map(({ model }) => model.trim()))].join(
    ", ",
  );
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${models}, ${cpus().length} cores, ${gigabytes} GB, ${type()} ${release()}`;
}

/** Returns the average number of tasks that wanted to run in the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** Says whether the load may have changed the figures. The bench itself is about one task. */
export function loadLine(before: number, after: number): string {
  const cores = cpus().length;
  const shared = before > 0.5
    ? `The machine was shared with other work, which the worst values show`
    : "The machine had nothing else to do";
  return `${shared}: load ${before.toFixed(1)} before, ${after.toFixed(1)} after, on ${cores} cores.`;
}
