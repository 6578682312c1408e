/**
 * Sets a server of NATS up for the tests of the fleet: Debian's package, unpacked into `.cache/nats/`; nothing is installed on
 * the machine. Takes a few seconds the first time, and does nothing after that. To run it alone:
 * `node_modules/node26/bin/node scripts/nats/setup.ts`.
 * @module
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { command, endWithUs } from "../command.ts";
import { root } from "../tools.ts";

const folder = join(root, ".cache/nats");

/** The path of the server, once it is set up. */
export const natsServerPath: string = join(folder, "usr/sbin/nats-server");

/** Sets the server up. Resolves to undefined when it is there, or to the reason why it cannot be. Never rejects. */
export async function setUpNats(): Promise<string | undefined> {
  if (existsSync(natsServerPath)) return undefined;
  if (process.platform !== "linux") {
    return `nats-server cannot be set up: the operating system is "${process.platform}"`;
  }
  const own = `${folder}.${process.pid}`;
  try {
    mkdirSync(own, { recursive: true });
    // Without lists of packages, apt finds nothing; then they are fetched first.
    let got = await run("apt-get", ["download", "nats-server"], own);
    if (got !== undefined) {
      await run("apt-get", ["update", "-qq"], own);
      got = await run("apt-get", ["download", "nats-server"], own);
    }
    const [file] = readdirSync(own).filter((name) => name.endsWith(".deb"));
    if (file === undefined) return `nats-server cannot be set up: ${got ?? "apt-get has downloaded nothing"}`;
    const failed = await run("dpkg", ["-x", file, "."], own);
    if (failed !== undefined) return `nats-server cannot be set up: ${failed}`;
    rmSync(folder, { recursive: true, force: true });
    renameSync(own, folder);
  } catch (error) {
    // Another runner may have been faster.
    if (!existsSync(natsServerPath)) {
      return `nats-server cannot be set up: ${error instanceof Error ? error.message : String(error)}`;
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  return undefined;
}

/** Runs a program; resolves to undefined where it succeeds, else to what it said last. */
async function run(file: string, args: readonly string[], cwd: string): Promise<string | undefined> {
  const { code, crash, output } = await command(file, args, { cwd });
  if (code === 0 && crash === undefined) return undefined;
  return `${file} ${args[0]}: ${output.trim().split("\n").at(-1) ?? crash ?? `exit code ${code}`}`;
}

if (import.meta.main) {
  endWithUs();
  console.log(await setUpNats() ?? `nats-server is set up: ${natsServerPath}`);
}
