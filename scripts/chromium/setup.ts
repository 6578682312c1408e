/**
 * Finds a Chromium for the tests of the status page, or unpacks Debian's into `.cache/chromium`; nothing is installed on the
 * machine. `node scripts/chromium/setup.ts` does so by hand.
 * @module
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { patient } from "../patience.ts";
import { root } from "../tools.ts";

/** A Chromium that can be started. */
export interface Chromium {
  readonly file: string;
  /** Added to its environment. */
  readonly env: Readonly<Record<string, string>>;
}

const PACKAGE = "chromium-headless-shell";
const NAMES = [PACKAGE, "chromium", "chromium-browser", "google-chrome"];
const FOLDER = join(root, ".cache/chromium");

/** How long another test runner may take to unpack it, in milliseconds. */
const OTHERS_MS = 180_000;

const run = promisify(execFile);

/** The Chromium of the machine, or the one that was unpacked; undefined where there is neither. */
export function findChromium(): Chromium | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = NAMES.map((name) => join(folder, name)).find(existsSync);
    if (file !== undefined) return { file, env: {} };
  }
  const file = join(FOLDER, "root/usr/lib/chromium", PACKAGE);
  if (!existsSync(file)) return undefined;
  const libraries = join(FOLDER, "root/usr/lib");
  const folders = readdirSync(libraries).filter((name) => name.includes("-linux-gnu")).map((name) =>
    join(libraries, name)
  );
  const paths = folders.flatMap((folder) => [folder, join(folder, "pulseaudio")]);
  return { file, env: { LD_LIBRARY_PATH: paths.join(":") } };
}

/** Why it cannot be unpacked on this machine; undefined where no reason is known before the attempt. */
export function whyNoChromium(): string | undefined {
  if (process.platform !== "linux") return `the operating system is "${process.platform}"`;
  const missing = ["apt-get", "dpkg-deb"].find((name) =>
    !(process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)))
  );
  return missing && `there is no ${missing}`;
}

/**
 * Finds it, or unpacks it. Of several that call it at the same time, one does the work.
 * @throws {Error} If a program fails; the message has its output.
 */
export async function makeChromium(): Promise<Chromium> {
  const found = findChromium();
  if (found) return found;
  mkdirSync(join(root, ".cache"), { recursive: true });
  const lock = `${FOLDER}.lock`;
  for (const since = Date.now(); Date.now() - since < patient(OTHERS_MS);) {
    try {
      mkdirSync(lock);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const made = findChromium();
      if (made && !existsSync(lock)) return made;
      continue;
    }
    try {
      if (!findChromium()) await unpack();
    } finally {
      rmSync(lock, { recursive: true });
    }
    const made = findChromium();
    if (made) return made;
  }
  throw new Error(`Cannot unpack Chromium: "${lock}" is there for too long`);
}

async function unpack(): Promise<void> {
  rmSync(FOLDER, { recursive: true, force: true });
  const debs = join(FOLDER, "debs");
  const lists = join(FOLDER, "lists");
  for (const folder of [debs, join(lists, "partial")]) mkdirSync(folder, { recursive: true });
  const options = ["-qq", "-o", `Dir::State::Lists=${lists}`, "-o", "APT::Sandbox::User=root"];
  await run("apt-get", [...options, "update"]);
  // What is missing on this machine, and no more.
  const install = ["-s", "install", "--no-install-recommends", PACKAGE];
  const { stdout } = await run("apt-get", [...options, ...install]);
  const names = stdout.split("\n").flatMap((line) => /^Inst (\S+)/.exec(line)?.[1] ?? []);
  await run("apt-get", [...options, "download", ...names], { cwd: debs });
  for (const deb of readdirSync(debs)) {
    await run("dpkg-deb", ["-x", join(debs, deb), join(FOLDER, "unpacking")]);
  }
  for (const folder of [debs, lists]) rmSync(folder, { recursive: true });
  const { renameSync } = await import("node:fs");
  renameSync(join(FOLDER, "unpacking"), join(FOLDER, "root"));
}

if (process.argv[1]?.endsWith("scripts/chromium/setup.ts")) console.log((await makeChromium()).file);
