/**
 * Sets Windows up for the tests: Wine, the Windows builds of the runtimes, and koffi, in `.cache/windows/`. Takes about half a
 * minute the first time, and does nothing after that. To run it alone:
 * `node_modules/node26/bin/node scripts/windows/setup.ts`.
 * @module
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { endWithUs } from "../command.ts";
import { root } from "../tools.ts";
import { installForWindows, wantedBuilds, wantedKoffi } from "./builds.ts";
import { makeWineRoot, whyNoWine } from "./wine_root.ts";

const folder = join(root, ".cache/windows");

/** The paths of the set-up. Each run has a folder of its own below `runs`, on the same disk as the prefix. */
export const windowsPlaces: Readonly<Record<"wine" | "builds" | "koffi" | "runs", string>> = {
  wine: join(folder, "wine"),
  builds: join(folder, "builds"),
  koffi: join(folder, "koffi"),
  runs: join(folder, "runs"),
};

/**
 * Sets up the missing parts. Resolves to undefined when everything is set up, or to the reason why it cannot be. Never rejects.
 */
export async function setUpWindows(): Promise<string | undefined> {
  const why = whyNoWine();
  if (why !== undefined) return `Wine cannot be set up: ${why}`;
  const { wine, builds, koffi } = windowsPlaces;
  try {
    mkdirSync(folder, { recursive: true });
    const recipe = ["wine_root.ts", "wine.sh"].map((name) =>
      readFileSync(join(root, "scripts/windows", name), "utf8")
    );
    const installs = [[builds, wantedBuilds()], [koffi, [wantedKoffi]]] as const;
    await Promise.all([
      once(wine, recipe, makeWineRoot),
      ...installs.map(([place, wanted]) =>
        once(place, wanted, (folder) => installForWindows(folder, wanted))
      ),
    ]);
    sweep();
    return undefined;
  } catch (error) {
    return `Wine cannot be set up: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Makes a missing folder. It is made in another place and then renamed, so that it is never there incomplete. */
async function once(
  place: string,
  of: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<void> {
  const made = `${place}.made`;
  const mark = createHash("sha256").update(JSON.stringify(of)).digest("hex");
  if (existsSync(made) && readFileSync(made, "utf8") === mark) return;
  const folder = `${place}.${process.pid}`;
  try {
    await make(folder);
    rmSync(place, { recursive: true, force: true });
    renameSync(folder, place);
    writeFileSync(made, mark);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes the folders of interrupted runs. */
function sweep(): void {
  for (const name of existsSync(windowsPlaces.runs) ? readdirSync(windowsPlaces.runs) : []) {
    const run = join(windowsPlaces.runs, name);
    const { mtimeMs } = statSync(run, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > 3_600_000) rmSync(run, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  endWithUs();
  const began = performance.now();
  const why = await setUpWindows();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(why ?? `Windows is set up in ${folder}, ${seconds} s`);
  process.exitCode = why === undefined ? 0 : 1;
}
