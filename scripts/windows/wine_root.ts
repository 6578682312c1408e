/**
 * Makes a Wine for this repository only: Debian's packages, unpacked into a folder; nothing is installed on the machine. Node
 * 24 and later and Deno reserve memory in a way that Wine 8 of Debian 12 does not support. So this is Wine 10 of Debian 13,
 * with the C library that it needs.
 * @module
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { run } from "./_run.ts";
import { underWine } from "./under_wine.ts";

/** The name of the Debian release with this Wine. */
const release = "trixie";

/**
 * The packages that a 64-bit Wine without a screen needs, and no more: with FreeType's packages, `wineboot` hung and started
 * one desktop after another.
 */
const packages = ["libc6", "libgcc-s1", "liblzma5", "libunwind8", "libwine", "wine64", "libz-mingw-w64"];

/** The programs that the machine must have; every Debian has them. */
const programs = ["apt-get", "dpkg-deb", "tar", "cp", "mount", "unshare", "chroot", "bash"];

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The properties of the machine that are checked. */
export interface Machine {
  /** The operating system. */
  readonly platform: string;
  /** The processor. */
  readonly arch: string;
  /** The user's number; 0 is root. */
  readonly user: number | undefined;
  /** The folders with programs. */
  readonly path: string;
}

const ownMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  user: process.getuid?.(),
  path: process.env["PATH"] ?? "",
};

/** Returns why Wine cannot be set up on this machine; undefined if no reason is known before the attempt. */
export function whyNoWine({ platform, arch, user, path }: Machine = ownMachine): string | undefined {
  if (platform !== "linux") return `the operating system is "${platform}"`;
  if (arch !== "x64") return `the processor is "${arch}"`;
  if (user !== 0) return "the user is not root, who alone may mount folders and change the root";
  const missing = programs.find((name) => !isOnPath(name, path));
  if (missing !== undefined) return `there is no ${missing}`;
  if (!existsSync(keyring)) return `there is no ${keyring}`;
  return ownMirror() === undefined ? "apt's sources name no mirror of Debian" : undefined;
}

/**
 * Unpacks Wine into `folder/root`, and makes `folder/prefix` with C: and the registry, which each run copies.
 * @throws {Error} If a program fails; the message has its output.
 */
export async function makeWineRoot(folder: string): Promise<void> {
  const root = join(folder, "root");
  for (const name of ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64"]) {
    mkdirSync(join(root, name), { recursive: true });
    symlinkSync(name, join(root, name.slice("usr/".length)));
  }
  for (const name of ["proc", "dev", "tmp", "root", "prefix", "run", "w", "koffi/w", "koffi/node_modules"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  for (const name of ["wrong/w", "wrong/node_modules/koffi"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  await unpackPackages(join(folder, "apt"), root);
  signAsBuiltin(
    join(root, "usr/x86_64-w64-mingw32/lib/zlib1.dll"),
    join(root, "usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll"),
  );
  await makePrefix(folder);
}

/** Downloads the packages by apt with a configuration of its own: only one release, and lists and cache in this folder. */
async function unpackPackages(apt: string, root: string): Promise<void> {
  for (const name of ["lists/partial", "cache/archives/partial", "debs"]) {
    mkdirSync(join(apt, name), { recursive: true });
  }
  const list = join(apt, `${release}.list`);
  writeFileSync(list, `deb [signed-by=${keyring}] ${ownMirror()} ${release} main\n`);
  const settings = {
    "Dir::Etc::SourceList": list,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": join(apt, "lists"),
    "Dir::Cache": join(apt, "cache"),
    "APT::Architecture": "amd64",
    // apt's own user may not write to this folder.
    "APT::Sandbox::User": "root",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const debs = join(apt, "debs");
  await run("apt-get", [...options, "-qq", "update"]);
  await run("apt-get", [...options, "-qq", "download", ...packages], { cwd: debs });
  const unneeded = ["doc", "locale", "man"].map((name) => `--exclude=./usr/share/${name}*`).join(" ");
  for (const deb of readdirSync(debs)) {
    const unpack =
      `set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar x -C "$2" --keep-directory-symlink ${unneeded}`;
    await run("bash", ["-c", unpack, "bash", join(debs, deb), root]);
  }
  rmSync(apt, { recursive: true });
}

/**
 * Marks a DLL as one of Wine's own. Wine's user32.dll needs this DLL, which Wine did not build. The install script of the
 * package does the same.
 * @see https://gitlab.winehq.org/wine/wine/-/blob/wine-10.0/tools/winebuild/utils.c
 */
function signAsBuiltin(from: string, to: string): void {
  const bytes = readFileSync(from);
  bytes.fill(0, 64, 96);
  bytes.write("Wine builtin DLL", 64, "latin1");
  writeFileSync(to, bytes);
}

async function makePrefix(folder: string): Promise<void> {
  const prefix = join(folder, "prefix");
  // The making of the prefix uses no file of the repository, but the folders that are mounted must exist.
  const empty = join(folder, "empty");
  mkdirSync(prefix);
  mkdirSync(join(empty, "koffi"), { recursive: true });
  const [file, ...args] = underWine({ wine: folder, prefix, repository: empty, koffi: empty, run: empty });
  await run(file, [...args, "wineboot", "-i"]);
  rmSync(empty, { recursive: true });
  if (!existsSync(join(prefix, "system.reg"))) {
    throw new Error(`Cannot make the Wine prefix "${prefix}": wineboot wrote no registry`);
  }
}

/** Returns the Debian mirror that this machine uses. */
function ownMirror(): string | undefined {
  const folders = ["/etc/apt", "/etc/apt/sources.list.d"].filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const texts = files.filter((file) => /\.(list|sources)$/.test(file)).map((file) =>
    readFileSync(file, "utf8")
  );
  return mirrorOf(texts.join("\n"));
}

/** Returns the first Debian mirror in apt's sources, in either of their formats, outside comments. */
export function mirrorOf(sources: string): string | undefined {
  const lines = sources.split("\n").filter((line) => !line.trimStart().startsWith("#"));
  return lines.flatMap((line) => /\bhttps?:\/\/\S*\/debian(?=\/?(\s|$))/.exec(line)?.[0] ?? [])[0];
}

function isOnPath(name: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
