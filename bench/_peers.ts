/**
 * The packages that sitebus is compared with. They are in `bench/node_modules`, for the bench only.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the bench. */
export const benchFolder: string = fileURLToPath(new URL(".", import.meta.url));

const names = Object.keys(manifest("").dependencies ?? {});

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Returns each peer with its installed version.
 * @throws {Error} If a peer is missing; the message says how to install it.
 */
export function peerVersions(): Map<string, string> {
  const missing = names.filter((name) => !existsSync(`${benchFolder}node_modules/${name}`));
  if (missing.length > 0) {
    throw new Error(
      `Cannot run the bench without ${missing.join(", ")}: type npm --prefix bench ci`,
    );
  }
  return new Map(
    names.map((
      name,
    ) => [name, manifest(`node_modules/${name}/`).version ?? "?"]),
  );
}

/** Loads a peer. Its name is hidden from the compiler, since the types must also hold without installed peers. */
export async function loadPeer<T>(name: string): Promise<T> {
  return await import(name) as T;
}

function manifest(folder: string): Manifest {
  return JSON.parse(
    readFileSync(`${benchFolder}${folder}package.json`, "utf8"),
  ) as Manifest;
}
