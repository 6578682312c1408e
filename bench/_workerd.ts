/**
 * Bundles a Worker of `bench/programs/` and runs it in workerd.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { requireTool } from "../scripts/tools.ts";
import { startWorkerd, type WorkerdProcess } from "../scripts/testing/workerd_process.ts";
import { benchFolder } from "./_peers.ts";

/** The compatibility date of the Workers. */
const DATE = "2026-10-01";

/** Returns the version of workerd. */
export function workerdVersion(): string {
  return execFileSync(requireTool("workerd"), ["--version"], {
    encoding: "utf8",
  }).trim();
}

/** A bundle of a Worker, in a folder of its own. */
export interface BuiltWorker {
  /** The size of the script, in bytes. */
  readonly code: string;
  /** Starts workerd with it. */
  start(): WorkerdProcess;
  /** Removes the folder. */
  remove(): void;
}

/** Bundles a Worker as users do. */
export async function buildWorker(name: string): Promise<BuiltWorker> {
  const { outputFiles } = await build({
    entryPoints: [`${benchFolder}programs/${name}.ts`],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd", "worker"],
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  const code = outputFiles[0]!.text;
  const folder = mkdtempSync(join(tmpdir(), "sitebus-bench-"));
  writeFileSync(join(folder, "worker.js"), code);
  writeFileSync(join(folder, "config.capnp"), CONFIG);
  return {
    code,
    start: () => startWorkerd(join(folder, "config.capnp")),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "${DATE}",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
