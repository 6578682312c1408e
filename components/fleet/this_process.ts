/**
 * The facts that a member tells of its process.
 * @module
 */
import process from "node:process";
import type { Clock } from "../../src/platform.ts";

/** The runtime and its version, such as "node 26.1.0". */
export function runtimeName(): string {
  const versions: Readonly<Record<string, string | undefined>> = process.versions;
  // Deno and Bun also say which Node they are like, so Node comes last.
  const name = ["deno", "bun"].find((name) => versions[name] !== undefined) ?? "node";
  return `${name} ${versions[name]}`;
}

/** Tells, at each call, the share of one processor that the process has used since the last one: 1 is all of it. */
export function cpuShare(clock: Clock): () => number {
  let before = process.cpuUsage();
  let since = clock.now();
  return () => {
    const [used, now] = [process.cpuUsage(), clock.now()];
    const ms = (used.user + used.system - before.user - before.system) / 1_000;
    const share = now > since ? ms / (now - since) : 0;
    [before, since] = [used, now];
    return Math.round(share * 100) / 100;
  };
}
