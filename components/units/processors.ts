/**
 * How many processors this process may really use: a container's share of them, where there is one.
 * @module
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Reads a file of the operating system; undefined where there is none. */
type Read = (path: string) => string | undefined;

/**
 * Counts the processors, rounded up, at least 1: those of the machine that this process may run on, and no more than
 * its control group has the time of.
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
 */
export function countProcessors(read: Read = readText, most: number = availableParallelism()): number {
  return Math.max(1, Math.min(most, Math.ceil(quotaOfGroups(read) ?? most)));
}

/** The least quota of this process's group and those above it. */
function quotaOfGroups(read: Read): number | undefined {
  const quotas: number[] = [];
  const [, own = "/"] = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup") ?? "") ?? [];
  for (let path = own;; path = path.slice(0, path.lastIndexOf("/"))) {
    const [quota = "", period = ""] = (read(`/sys/fs/cgroup${path}/cpu.max`.replace("//", "/")) ?? "").split(
      /\s+/,
    );
    if (Number(quota) > 0 && Number(period) > 0) quotas.push(Number(quota) / Number(period));
    if (path === "" || path === "/") break;
  }
  // The first version of control groups has it in two files.
  const [quota, period] = ["quota", "period"].map((word) =>
    Number(read(`/sys/fs/cgroup/cpu/cpu.cfs_${word}_us`))
  );
  if (quota! > 0 && period! > 0) quotas.push(quota! / period!);
  return quotas.length === 0 ? undefined : Math.min(...quotas);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
