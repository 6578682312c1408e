/**
 * The version of this package, and the runtime that runs it.
 * @module
 */
import process from "node:process";

/** The version of this package, as in its package.json. */
export const VERSION = "0.1.0";

/** The runtime and its version, such as "Node 26.10.0". */
export function runtimeText(): string {
  const { deno, bun, node } = process.versions as Readonly<Record<string, string | undefined>>;
  return deno !== undefined ? `Deno ${deno}` : bun !== undefined ? `Bun ${bun}` : `Node ${node}`;
}

/** The version, the runtime and the platform, in one line. */
export function versionText(): string {
  return `${VERSION} (${runtimeText()}, ${process.platform} ${process.arch})`;
}
