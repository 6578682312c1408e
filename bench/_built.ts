/**
 * Builds the npm package for the bench, as users install it.
 * @module
 */
import { cpSync, existsSync, rmSync, statSync } from "node:fs";
import { command } from "../scripts/command.ts";
import { requireTool, root } from "../scripts/tools.ts";
import { listFiles } from "../scripts/check/sources.ts";
import { benchFolder } from "./_peers.ts";

/**
 * Builds the package if it is missing or older than its sources, and copies it to the peers as "sitebus".
 * @throws {Error} If the package cannot be built.
 */
export async function installBuilt(): Promise<void> {
  const built = `${root}/npm/package.json`;
  const sources = listFiles(root).filter((path) =>
    /^(mod\.ts$|src\/|platforms\/|components\/|cli\/)/.test(path)
  );
  const newest = Math.max(
    ...sources.map((path) => statSync(`${root}/${path}`).mtimeMs),
  );
  if (!existsSync(built) || statSync(built).mtimeMs <= newest) {
    const { code, output } = await command(requireTool("node26"), [
      `${root}/scripts/build_npm_local.ts`,
    ]);
    if (code !== 0) {
      throw new Error(`Cannot build the npm package: ${output.trim()}`);
    }
  }
  const place = `${benchFolder}node_modules/sitebus`;
  rmSync(place, { recursive: true, force: true });
  cpSync(`${root}/npm`, place, { recursive: true });
}
