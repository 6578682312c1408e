/**
 * `deno task build:npm`: the builder of releases. It needs jsr.io; `npm run build:npm:local` does without,
 * and is for tests only.
 * @module
 */
import { build, emptyDir } from "@deno/dnt";
import { npmBuildOptions, npmExtraFiles } from "./npm/options.ts";

const options = npmBuildOptions();
await emptyDir(options.outDir);
await build(options);
for (const file of npmExtraFiles) await Deno.copyFile(file, `${options.outDir}/${file}`);
