/**
 * Bundles a program of `test/programs/` for workerd, as the users of a Worker do.
 * @module
 */
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../scripts/tools.ts";

/** Bundles `test/programs/<name>.ts`; its constant `PLAN` is `plan`. */
export async function bundleWorker(name: string, plan: object): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, `test/programs/${name}.ts`)],
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd", "worker"],
    target: "es2022",
    define: { PLAN: JSON.stringify(plan) },
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}
