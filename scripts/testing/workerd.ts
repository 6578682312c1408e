/**
 * Runs the core's test files inside workerd, unchanged. They are bundled with vitest's own collector and `expect` into one
 * worker. HTTP requests ask the worker to run one file after the other.
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { patient, slowness } from "../patience.ts";
import { root } from "../tools.ts";
import { bundleTests, withSources } from "./_bundle.ts";
import { addReports, crashed, type Report } from "./report.ts";
import { startWorkerd } from "./workerd_process.ts";

const FILE_MS = 60_000;

/** Called with how many tests have ended since the last call. */
type Ended = (count: number) => void;

/** Runs the given test files, except files with a comment that says why they cannot run in workerd. */
export async function runInWorkerd(
  paths: readonly string[],
  expectRuntime: string,
  ended: Ended,
): Promise<Report> {
  const skips = paths.flatMap((name) => {
    const [, why] = /^\/\/ Not in workerd: (.+)$/m.exec(readFileSync(join(root, name), "utf8")) ?? [];
    return why === undefined ? [] : [{ name, why }];
  });
  const files = paths.filter((path) => !skips.some(({ name }) => name === path));
  const left = { passed: 0, failures: [], skips };
  return files.length === 0 ? left : addReports([left, await runBundled(files, expectRuntime, ended)]);
}

async function runBundled(files: readonly string[], expectRuntime: string, ended: Ended): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-workerd-"));
  try {
    const bundle = await bundleTests(files, {
      entry: workerOf(expectRuntime),
      conditions: ["workerd", "worker"],
    });
    writeFileSync(join(folder, "worker.js"), bundle.code);
    writeFileSync(join(folder, "config.capnp"), CONFIG);
    return withSources(await serve(join(folder, "config.capnp"), files, ended), bundle, "worker.js");
  } catch (error) {
    return crashed("workerd", error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function serve(config: string, files: readonly string[], ended: Ended): Promise<Report> {
  const workerd = startWorkerd(config);
  const reports: Report[] = [];
  try {
    const port = await workerd.port;
    for (const file of files) {
      const report = await ask(port, file);
      reports.push(report);
      ended(report.passed + report.failures.length);
    }
  } catch (error) {
    reports.push(
      crashed("workerd", `${error instanceof Error ? error.message : String(error)}\n${workerd.output()}`),
    );
  } finally {
    workerd.end();
  }
  return addReports(reports);
}

// No flag for Node's modules: the core must not need them.
const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "tests", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-10-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "tests")],
);
`;

/** The source of the worker. The first request loads the tests, since a worker may do very little while it is loaded. */
function workerOf(expectRuntime: string): string {
  return `
    let harness;
    export default { async fetch(request) {
      globalThis.EXPECT_RUNTIME = ${JSON.stringify(expectRuntime)};
      globalThis.SITEBUS_SLOWNESS = "${slowness()}";
      if (harness === undefined) {
        harness = await import("./test/bundled/harness.ts");
        harness.prepare("workerd");
      }
      return Response.json(await harness.runFile(files, new URL(request.url).searchParams.get("file")));
    } };`;
}

/** Runs one file. Rejects if workerd does not answer; it cannot run the next file then either. */
async function ask(port: number, file: string): Promise<Report> {
  const url = `http://127.0.0.1:${port}/?file=${encodeURIComponent(file)}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(patient(FILE_MS)) }).catch(
    (cause: unknown) => {
      throw new Error(`workerd did not answer for ${file}`, { cause });
    },
  );
  const text = await response.text();
  if (!response.ok) return crashed(file, `workerd answered ${response.status}: ${text}`);
  return JSON.parse(text) as Report;
}
