/**
 * Packs the built package and installs it in an empty folder, as npm does for users.
 * @module
 */
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { command } from "../command.ts";
import { inModules } from "../tools.ts";

/** A packed package. */
export interface Tarball {
  readonly path: string;
  /** The paths of its files, without the `package/` of the archive. */
  readonly files: readonly string[];
  /** The size of the unpacked files, in bytes. */
  readonly unpackedSize: number;
}

/** Packs the package of `folder` into an archive in the folder `into`. */
export async function pack(folder: string, into: string): Promise<Tarball> {
  const said = await npm(["pack", "--json", "--pack-destination", into], folder);
  // npm 12 prints an object with the names of packages as keys; earlier versions print an array.
  const [packed] = Object.values(
    JSON.parse(said) as Record<
      string,
      { filename: string; files: { path: string }[]; unpackedSize: number }
    >,
  );
  if (packed === undefined) throw new Error(`npm pack said nothing of a package: ${said}`);
  const { filename, files, unpackedSize } = packed;
  return { path: join(into, filename), files: files.map(({ path }) => path).sort(), unpackedSize };
}

/** Installs the package in an empty folder, with its dependencies and nothing else. */
export async function install({ path }: Tarball, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), CONSUMER);
  await npm(["install", "--prefix", folder, "--prefer-offline", "--no-audit", "--no-fund", path], folder);
  if (existsSync(join(folder, "node_modules/@types"))) {
    throw new Error("the package brings types of others along");
  }
}

/** Makes a folder that has the installed package without its dependencies. */
export function installBare(
  { from, folder, name }: { readonly from: string; readonly folder: string; readonly name: string },
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), CONSUMER);
  cpSync(join(from, "node_modules", name), join(folder, "node_modules", name), { recursive: true });
  // For the consumers with Node's types. The others do not include them.
  symlinkSync(inModules("@types"), join(folder, "node_modules/@types"), "dir");
}

const CONSUMER = `{ "name": "consumer", "private": true, "type": "module" }\n`;

/** Runs npm: the same npm and Node that run this script. */
async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { npm_execpath, npm_node_execpath } = process.env;
  const direct = npm_execpath !== undefined && npm_node_execpath !== undefined;
  const { code, stdout, output, crash } = await command(
    direct ? npm_node_execpath : "npm",
    direct ? [npm_execpath, ...args] : args,
    { cwd, env: { npm_config_local_prefix: undefined } },
  );
  if (code === 0 && crash === undefined) return stdout;
  throw new Error(`npm ${args[0]}: ${crash ?? `exit code ${code}`}\n${output.trim()}`);
}
