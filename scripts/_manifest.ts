/**
 * Reads deno.json and package.json, which describe this package.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The fields that both files have, and those of package.json that builds and checks read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly license?: string;
  readonly repository?: { readonly type: string; readonly url: string };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Reads one of the two files. */
export function readManifest(top: string, name: "deno.json" | "package.json"): Manifest {
  return JSON.parse(readFileSync(join(top, name), "utf8")) as Manifest;
}
