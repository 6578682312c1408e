/**
 * The folder of a control socket: it is made for this user alone, and refused where others could put something in its place.
 * @module
 */
import process from "node:process";

/**
 * Makes the folder of the user where it is missing, and checks it.
 * @throws {Error} If it is a link, is no folder, or belongs to or may be changed by others.
 */
export async function prepareFolder(folder: string): Promise<void> {
  const { lstat, mkdir } = await import("node:fs/promises");
  await mkdir(folder, { mode: 0o700 }).catch((error) => {
    const { code } = Object(error) as { readonly code?: string };
    if (code !== "EEXIST") throw error;
  });
  const found = await lstat(folder);
  const why = found.isSymbolicLink()
    ? "it is a link"
    : !found.isDirectory()
    ? "it is no folder"
    : found.uid !== process.getuid?.() && found.uid !== 0
    ? `it belongs to the user ${found.uid}`
    : (found.mode & 0o022) !== 0
    ? "others may write to it"
    : undefined;
  if (why !== undefined) throw new Error(`the folder "${folder}" cannot be used: ${why}`);
}

/** Why the folder of a path that the program gave is no safe place; undefined where it is. */
export async function whyUnsafe(path: string): Promise<string | undefined> {
  const { lstat } = await import("node:fs/promises");
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const { mode } = await lstat(folder);
  // In a folder such as /tmp others can make files, but not replace this one.
  return (mode & 0o022) !== 0 && (mode & 0o1000) === 0
    ? `others may write to its folder, and put a socket of theirs in its place`
    : undefined;
}

/** The number of a group, by its number or its name. @throws {Error} If there is no such group. */
export async function groupNumber(group: string | number): Promise<number> {
  if (typeof group === "number") return group;
  const { readFile } = await import("node:fs/promises");
  const line = (await readFile("/etc/group", "utf8")).split("\n").find((line) =>
    line.startsWith(`${group}:`)
  );
  const number = Number(line?.split(":")[2]);
  if (line === undefined || !Number.isInteger(number)) throw new Error(`there is no group "${group}"`);
  return number;
}
