/**
 * Runs `test/programs/lazy_worker.ts` in workerd.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startWorkerd } from "../../../scripts/testing/workerd_process.ts";
import { bundleWorker } from "../../bundle_worker.ts";

/** What the Worker does; see the program. */
export interface Plan {
  readonly createMs?: number;
  readonly failures?: number;
  readonly within?: number;
  readonly retryDelay?: number;
}

/** What the Worker has seen. */
export interface Seen {
  readonly creates: number;
  readonly tenants: readonly string[];
  readonly atOnce: number;
  readonly most: number;
  readonly order: readonly string[];
  readonly idle: string;
}

/** What was answered. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

/** A Worker that runs. */
export interface LazyWorker {
  /** Asks it by GET; never rejects but where nothing answers within 10 s. */
  get(path: string): Promise<Answer>;
  /** What it has seen so far. */
  report(): Promise<Seen>;
}

/** Starts the Worker, until the test is over. */
export async function startLazyWorker(
  date: string,
  { flags = [], program = "lazy_worker", ...plan }: Plan & {
    readonly flags?: readonly string[];
    /** The program under test/programs/. */
    readonly program?: string;
  } = {},
): Promise<LazyWorker> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-lazy-"));
  writeFileSync(join(folder, "worker.js"), await bundleWorker(program, plan));
  writeFileSync(join(folder, "config.capnp"), config(date, flags));
  const workerd = startWorkerd(join(folder, "config.capnp"));
  onTestFinished(() => {
    workerd.end();
    rmSync(folder, { recursive: true });
  });
  const port = await workerd.port;
  const get = async (path: string): Promise<Answer> => {
    const begun = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    return { status: response.status, text, ms: performance.now() - begun };
  };
  return { get, report: async () => JSON.parse((await get("/report")).text) as Seen };
}

function config(date: string, flags: readonly string[]): string {
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${date}",
  compatibilityFlags = [${flags.map((flag) => `"${flag}"`)}],
  bindings = [(name = "SELF", service = "main")],
);
`;
}
