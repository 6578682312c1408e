/**
 * `npm run verify:npm`: checks the built npm package as its users install it, whichever builder made it.
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { countLine, endWithUs } from "../command.ts";
import { endWithCounts, programProblems, runSteps } from "../_steps.ts";
import { requireTool, root } from "../tools.ts";
import { checkSize, CORE_SAYS } from "../check/size.ts";
import { differences } from "./_compare.ts";
import { typeSteps } from "./_consumer_types.ts";
import { type Built, fileProblems, manifestProblems, UNPACKED_LIMIT } from "./_contents.ts";
import { install, installBare, pack } from "./_package.ts";
import { commandSteps, importSteps } from "./_runtimes.ts";
import { suiteSteps } from "./_suite.ts";
import { buildLocally } from "./build_local.ts";
import { npmBuildOptions } from "./options.ts";

endWithUs();
const options = npmBuildOptions();
const { name } = options.package;
const built: Built = { folder: join(root, options.outDir), top: root, options };
const manifestFile = join(built.folder, "package.json");
if (!existsSync(manifestFile)) {
  console.error("Cannot verify the npm package: there is none; run npm run build:npm:local");
  console.log(countLine(0, 1));
  process.exit(1);
}
const isByDnt = "_generatedBy" in (JSON.parse(readFileSync(manifestFile, "utf8")) as object);
console.log(
  `npm/ was built by ${isByDnt ? "dnt" : "the local builder, so there is nothing to compare it with"}`,
);

const work = realpathSync(mkdtempSync(join(tmpdir(), "sitebus-npm-")));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const consumer = join(work, "consumer");
const tarball = await pack(built.folder, work);

const packed = await runSteps([
  {
    name: "install",
    says: "into an empty folder",
    run: async () => {
      await install(tarball, consumer);
      return [];
    },
  },
  {
    name: "attw",
    says: "types where each entry point is resolved to",
    run: () =>
      programProblems(requireTool("node26"), [
        requireTool("attw"),
        ...["--profile", "esm-only", "--no-emoji", "--no-color", tarball.path],
      ]),
  },
  {
    name: "publint",
    says: "package.json",
    run: () =>
      programProblems(requireTool("node26"), [requireTool("publint"), "run", "--strict", tarball.path]),
  },
  {
    name: "files",
    says: `exactly what belongs in it, ${tarball.unpackedSize} bytes of at most ${UNPACKED_LIMIT}`,
    run: () => fileProblems(tarball, built),
  },
  { name: "manifest", says: "package.json as it is described", run: () => manifestProblems(built) },
  ...isByDnt ? [{ name: "builders", says: "dnt's package and the local one", run: compareBuilders }] : [],
], 2);

// If the installation failed, the other steps cannot run; the failure is already counted.
if (existsSync(join(consumer, "node_modules", name))) {
  const bare = join(work, "bare");
  installBare({ from: consumer, folder: bare, name });
  const used = await runSteps([
    ...suiteSteps(join(work, "mirror"), consumer, options),
    ...commandSteps(consumer),
    ...importSteps(bare, options),
    ...typeSteps(bare, options),
    { name: "size", says: CORE_SAYS, run: () => checkSize(name, bare) },
  ], 2);
  endWithCounts(packed, used);
} else endWithCounts(packed);

function compareBuilders(): string[] {
  const local = join(work, "local");
  buildLocally(root, local);
  return differences(built.folder, local);
}
