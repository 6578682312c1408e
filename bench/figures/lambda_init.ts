/**
 * What a bus adds to the init phase of a function of AWS Lambda.
 * @module
 */
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { adopt } from "../../scripts/command.ts";
import { requireTool } from "../../scripts/tools.ts";
import { ricMain } from "../../scripts/lambda/ric.ts";
import { RuntimeApi } from "../../test/platforms/lambda/_runtime_api.ts";
import { median } from "../_median.ts";
import { benchFolder } from "../_peers.ts";
import { digits, type Figure } from "../_report.ts";
import { interleave, spread } from "../_rounds.ts";

const rounds = 21;

const programs = [
  { name: "lambda_bare", format: "esm", says: "bare" },
  { name: "lambda_bus", format: "esm", says: "`lambda()`" },
  { name: "lambda_bus_sync", format: "cjs", says: "`lambdaSync()`" },
] as const;

const clients = [
  { tool: "node20", version: "3.3.0", says: "Node 20, aws-lambda-ric 3.3.0" },
  { tool: "node26", version: "4.0.2", says: "Node 26, aws-lambda-ric 4.0.2" },
] as const;

/** Starts each in the official client, once a round, until it asks for its first invocation. */
export async function lambdaInit(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-bench-"));
  try {
    for (const { name, format } of programs) {
      await build({
        entryPoints: [`${benchFolder}programs/${name}.ts`],
        outfile: join(folder, `${name}.${format === "esm" ? "mjs" : "cjs"}`),
        bundle: true,
        minify: true,
        format,
        platform: "node",
        target: "es2022",
        logLevel: "silent",
      });
    }
    const rows: string[][] = [];
    for (const { tool, version, says } of clients) {
      const main = ricMain(version);
      if (main === undefined) {
        rows.push([
          says,
          ...programs.map(() => "not built: npm run build:lambda"),
        ]);
        continue;
      }
      const found = await interleave(programs, {
        rounds,
        measure: ({ name }) => initMs(requireTool(tool), main, { folder, name }),
      });
      rows.push([
        says,
        ...found.map((values, index) => {
          const { best, worst } = spread(values);
          const over = median(
            values.map((ms, round) => ms - found[0]![round]!),
          );
          return `${digits(best)} – ${digits(worst)}${index === 0 ? "" : `, ${digits(over)} more`}`;
        }),
      ]);
    }
    return {
      title: "Init phase of a function of AWS Lambda",
      says:
        "Milliseconds from the start of the official client until it asks for its first invocation, best and worst. " +
        "What the bus adds is the median of the differences in " +
        `${rounds} interleaved rounds: it starts, and registers the extension.`,
      tables: [{ columns: ["", ...programs.map(({ says }) => says)], rows }],
      limits: [],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function initMs(
  node: string,
  main: string,
  { folder, name }: { readonly folder: string; readonly name: string },
): Promise<number> {
  const api = new RuntimeApi();
  const handler = `${name}.handler`;
  const env = {
    ...process.env,
    AWS_LAMBDA_RUNTIME_API: await api.listen(),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: handler,
  };
  const began = performance.now();
  const child = adopt(
    spawn(node, [main, handler], {
      cwd: folder,
      env,
      stdio: "ignore",
      detached: true,
    }),
  );
  try {
    await api.idle();
    return performance.now() - began;
  } finally {
    child.kill("SIGKILL");
    api.close();
  }
}
