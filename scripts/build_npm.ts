/**
 * `deno task build:npm`: builds the npm package for a release. The build needs jsr.io; `npm run build:npm:local` does not, and
 * is for tests only.
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { root } from "./tools.ts";
import { buildFaults, buildFaultText } from "./npm/faults.ts";
import { finishPackage } from "./npm/finish.ts";
import { npmBuildOptions } from "./npm/options.ts";

/** The timeout for loading dnt, in milliseconds: on a network that drops packets, no answer ever comes. */
const LOAD_MS = 30_000;

const faults = buildFaults(root);
if (faults.length > 0) {
  console.error(buildFaultText(faults));
  process.exit(1);
}
const options = npmBuildOptions();
const { build, emptyDir } = await loadDnt();
// dnt finds the entry points from where it is started.
process.chdir(root);
const outDir = join(root, options.outDir);
await emptyDir(outDir);
await build({
  ...options,
  outDir,
  postBuild: () => finishPackage(outDir, { top: root, options }),
});

/** Loads dnt. Ends with 69, "a service is unavailable", if it cannot be loaded. */
async function loadDnt(): Promise<typeof import("@deno/dnt")> {
  const limit = setTimeout(() => fail(`no answer within ${LOAD_MS / 1000} s`), LOAD_MS);
  try {
    return await import("@deno/dnt");
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(limit);
  }
}

function fail(why: string): never {
  const [line] = why.split("\n");
  console.error(`Cannot load dnt from jsr.io; npm run build:npm:local builds for tests without it: ${line}`);
  process.exit(69);
}
