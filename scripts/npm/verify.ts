/**
 * `npm run verify:npm`: the built npm package as its users will have it, whichever builder made it.
 * @module
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { countLine, endWithUs } from "../_command.ts";
import { endWithCounts, runSteps } from "../_steps.ts";
import { bundleCore, CORE_SAYS, coreProblems } from "../check/size.ts";
import { typeSteps } from "./_consumer_types.ts";
import { builtFolder, fileProblems, install, pack } from "./_package.ts";
import { runtimeSteps } from "./_runtimes.ts";
import { npmBuildOptions } from "./options.ts";

endWithUs();
const work = mkdtempSync(join(tmpdir(), "sitebus-npm-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

if (!existsSync(join(builtFolder, "package.json"))) {
  console.error("Cannot verify the npm package: there is none; run npm run build:npm:local");
  console.log(countLine(0, 1));
  process.exit(1);
}

const consumer = join(work, "consumer");
const installed = await runSteps([
  {
    name: "files",
    says: "what is in the package, and what is not",
    run: async () => fileProblems(await pack(work)),
  },
  {
    name: "install",
    says: "into an empty folder",
    run: async () => {
      await install(await pack(work), consumer);
      return [];
    },
  },
], 1);

// What is not installed cannot be used; the count says so already.
const used = existsSync(join(consumer, "node_modules", npmBuildOptions().package.name))
  ? await runSteps([
    ...await runtimeSteps(consumer),
    ...typeSteps(consumer),
    { name: "size", says: CORE_SAYS, run: async () => coreProblems(await bundleCore("sitebus", consumer)) },
  ], 2)
  : { passed: 0, failed: 0 };
endWithCounts(installed, used);
