/**
 * The resident memory of another process of this machine.
 * @module
 */

/** Bytes, or undefined where the system does not tell: it does on Linux alone. Never rejects. */
export async function residentMemory(pid: number): Promise<number | undefined> {
  try {
    const { readFile } = await import("node:fs/promises");
    const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
