/**
 * How many functions run until a bus has settled in `run`: on a cold start each of them is compiled.
 * @module
 */
import { build } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchFolder } from "../_peers.ts";
import { readNumbers } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";

const buses = [
  { program: "functions_inline", says: "`inline()`", atMost: 130 },
  {
    program: "cold_worker_bus",
    says: "`cloudflare()` and `worker()`",
    atMost: 190,
  },
] as const;

/** Counts them in V8, by its precise coverage. It is the same in each run, so once is enough. */
export async function functions(runtimes: readonly Runtime[]): Promise<Figure> {
  const node = runtimes.find(({ name }) => name === "Node")!;
  const folder = mkdtempSync(join(tmpdir(), "sitebus-bench-"));
  try {
    const found: number[] = [];
    for (const { program } of buses) {
      const outfile = join(folder, `${program}.mjs`);
      await build({
        entryPoints: [`${benchFolder}programs/${program}.ts`],
        outfile,
        bundle: true,
        format: "esm",
        platform: "neutral",
        target: "es2022",
        logLevel: "silent",
      });
      const numbers = await readNumbers({
        runtime: node,
        program: "count_functions",
        args: [outfile],
      });
      found.push(numbers["functions"] ?? NaN);
    }
    return {
      title: "Functions that run in a cold start",
      says:
        "How many functions of the bundle run, once or more, until a bus with one component has settled in `run`; for the " +
        "Worker, until its first answer. V8 compiles each of them then, which takes some 20 µs. Counted by the coverage of " +
        "V8: it is the same in each run.",
      tables: [{
        columns: ["bus", "functions"],
        rows: buses.map(({ says }, index) => [says, String(found[index])]),
      }],
      limits: buses.map(({ says, atMost }, index) => ({
        name: `functions until a settled run, ${says}`,
        found: found[index]!,
        atMost,
        unit: "functions",
      })),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
