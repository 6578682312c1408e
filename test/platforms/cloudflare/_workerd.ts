/**
 * Runs `test/programs/cloudflare_worker.ts` in workerd.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, type TestContext } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { startWorkerd, type WorkerdProcess } from "../../../scripts/testing/workerd_process.ts";
import { bundleWorker } from "../../bundle_worker.ts";
import { runtime } from "../../spawn.ts";

/** Before and after a promise that one request settles is gone on with in the context of the one that waits. */
export const DATES = ["2024-09-23", "2026-10-23"] as const;

/** What the Worker does; see the program. */
export interface Plan {
  readonly startMs?: number;
  readonly failures?: number;
  readonly startWithin?: number;
  readonly retryDelay?: number;
}

/** What the Worker has seen. */
export interface Seen {
  readonly starts: number;
  readonly attempts: number;
  readonly takeOvers: number;
  readonly flushes: number;
  readonly cuts: number;
  readonly state: string;
  readonly log: readonly string[];
  readonly events: readonly string[];
  readonly refused: string;
}

/** What was answered. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
  readonly ms: number;
}

/** A Worker that runs. */
export interface Worker {
  readonly workerd: WorkerdProcess;
  /** Asks it by GET; never rejects but where nothing answers within 10 s. */
  get(path: string): Promise<Answer>;
  /** The same, many at once. */
  getAll(path: string, count: number): Promise<Answer[]>;
  /** What it has seen so far. */
  report(): Promise<Seen>;
}

/** workerd is the same one, whoever starts it. */
export function skipElsewhere(context: TestContext): void {
  const isOwn = runtime === "node" && process.versions.node.startsWith("26.");
  if (!isOwn) context.skip("workerd is the same one whoever asks it, so that Node 26 alone does");
}

/** Starts the Worker, until the test is over. */
export async function startWorker(
  date: string,
  { flags = ["enable_request_signal"], ...plan }: Plan & { readonly flags?: readonly string[] } = {},
): Promise<Worker> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-worker-"));
  writeFileSync(join(folder, "worker.js"), await bundleWorker("cloudflare_worker", plan));
  writeFileSync(join(folder, "config.capnp"), config(date, flags));
  // `scheduled` and `queue` of a service binding are experimental.
  const workerd = startWorkerd(join(folder, "config.capnp"), ["--experimental"]);
  onTestFinished(() => {
    workerd.end();
    rmSync(folder, { recursive: true });
  });
  const port = await workerd.port;
  const get = async (path: string): Promise<Answer> => {
    const begun = performance.now();
    const signal = AbortSignal.timeout(patient(10_000));
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal });
    const text = await response.text();
    const retryAfter = response.headers.get("retry-after");
    return { status: response.status, text, retryAfter, ms: performance.now() - begun };
  };
  return {
    workerd,
    get,
    getAll: (path, count) => Promise.all(Array.from({ length: count }, () => get(path))),
    report: async () => JSON.parse((await get("/report")).text) as Seen,
  };
}

function config(date: string, flags: readonly string[]): string {
  const all = ["service_binding_extra_handlers", ...flags].map((flag) => `"${flag}"`);
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${date}",
  compatibilityFlags = [${all}],
  bindings = [
    (name = "SELF", service = "main"),
    (name = "ROOMS", durableObjectNamespace = "Room"),
  ],
  durableObjectNamespaces = [(className = "Room", uniqueKey = "room")],
  durableObjectStorage = (inMemory = void),
);
`;
}
