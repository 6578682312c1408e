/**
 * `npm run docs`: writes the pages of the public API to docs/api, which git ignores; `npm run docs -- folder` writes them to
 * another folder.
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { endWithUs } from "./command.ts";
import { readManifest } from "./_manifest.ts";
import { programProblems } from "./_steps.ts";
import { requireTool, root } from "./tools.ts";

endWithUs();
const folder = process.argv[2] ?? join(root, "docs/api");
const { name, exports } = readManifest(root, "deno.json");
const problems = await programProblems(requireTool("deno"), [
  ...["doc", "--html", `--name=${name}`, `--output=${folder}`],
  ...Object.values(exports),
]);
if (problems.length === 0) console.log(`Wrote ${join(folder, "index.html")}`);
else {
  console.error(`Cannot write the docs: ${problems.join("\n")}`);
  process.exitCode = 1;
}
