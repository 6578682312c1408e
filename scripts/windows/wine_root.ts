/**
 * A Wine of this repository's own: Debian's packages, unpacked into a folder, with nothing installed on the
 * machine. Node from 24 on and Deno reserve memory in a way that Wine 8, of Debian 12, cannot: so it is the Wine
 * 10 of Debian 13, with the C library that it needs.
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

/** Debian's name of the release that has this Wine. */
const release = "trixie";

/**
 * What a 64-bit Wine without a screen needs, and no more: with FreeType's packages `wineboot` was seen to hang,
 * starting one desktop after another.
 */
const packages = ["libc6", "libgcc-s1", "liblzma5", "libunwind8", "libwine", "wine64", "libz-mingw-w64"];

/** What has to be on the machine; Debian has all of it. */
const programs = ["apt-get", "dpkg-deb", "tar", "cp", "mount", "unshare", "chroot", "bash"];

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The machine, as far as it matters. */
export interface Machine {
  /** The operating system. */
  readonly platform: string;
  /** The processor. */
  readonly arch: string;
  /** The user's number; 0 is root. */
  readonly user: number | undefined;
  /** The folders that programs are in. */
  readonly path: string;
}

const ownMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  user: process.getuid?.(),
  path: process.env["PATH"] ?? "",
};

/** Says why Wine cannot be set up here; nothing where it can, as far as is known before it is tried. */
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
 * Unpacks Wine into `folder/root`, and has it make `folder/prefix`, its C: and its registry, from which each run
 * takes a copy.
 * @throws {Error} Where a program fails, with what it said.
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

/** By an apt of its own, which knows one release alone, and keeps its lists and its cache here. */
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
    // Its own user may not write here.
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
 * Does what the package's own script does when it is installed: marks a DLL that Wine did not build, and that
 * its user32.dll needs, as one of Wine's.
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
  // Nothing of the repository is needed for this; what is mounted has to be there.
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

/** The mirror of Debian that this machine uses already. */
function ownMirror(): string | undefined {
  const folders = ["/etc/apt", "/etc/apt/sources.list.d"].filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const texts = files.filter((file) => /\.(list|sources)$/.test(file)).map((file) =>
    readFileSync(file, "utf8")
  );
  return mirrorOf(texts.join("\n"));
}

/** The first mirror of Debian that apt's sources name, in either of their forms, outside of comments. */
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
