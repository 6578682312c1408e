/**
 * `npm run build:npm:local`: builds the npm package without dnt, for tests on machines that cannot reach jsr.io.
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { root } from "./tools.ts";
import { buildLocally } from "./npm/build_local.ts";
import { npmBuildOptions } from "./npm/options.ts";

try {
  buildLocally(root, join(root, npmBuildOptions().outDir));
  console.log("Built npm/ by the local builder, not by dnt: for tests, and npm refuses to publish it");
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
