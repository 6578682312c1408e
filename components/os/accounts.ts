/**
 * Users and groups of the operating system, by name or number.
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A user, as far as a process becomes one. */
export interface Account {
  /** The name; of a user without one, the number. */
  readonly name: string;
  /** The number of the user. */
  readonly uid: number;
  /** The number of the group that the user belongs to; undefined where the machine knows no user of this number. */
  readonly gid: number | undefined;
}

/** The largest number that a user or a group may have; the next one means "none" to the operating system. */
const LARGEST_ID = 2 ** 32 - 2;

/**
 * Finds a user.
 * @throws {Error} If there is no user of this name.
 */
export function findUser(action: string, user: string | number): Account {
  const fields = entry("passwd", user);
  if (fields !== undefined) return { name: fields[0]!, uid: Number(fields[2]), gid: Number(fields[3]) };
  const uid = idOf(user);
  if (uid === undefined) throw new Error(`${action}: there is no user "${user}"`);
  return { name: String(uid), uid, gid: undefined };
}

/**
 * Finds the number of a group.
 * @throws {Error} If there is no group of this name.
 */
export function findGroup(action: string, group: string | number): number {
  const fields = entry("group", group);
  const gid = fields === undefined ? idOf(group) : Number(fields[2]);
  if (gid === undefined) throw new Error(`${action}: there is no group "${group}"`);
  return gid;
}

/** The number that a text or a number stands for; undefined for a name. */
function idOf(given: string | number): number | undefined {
  const id = /^\d+$/.test(String(given)) ? Number(given) : NaN;
  return id <= LARGEST_ID ? id : undefined;
}

/** The fields of an entry: of the file, or of a directory service that only `getent` asks. */
function entry(database: "passwd" | "group", key: string | number): readonly string[] | undefined {
  const find = (text: string) =>
    text.split("\n").map((line) => line.split(":")).find((fields) =>
      fields.length > 3 && (fields[0] === String(key) || fields[2] === String(key))
    );
  return find(textOf(database)) ?? find(asked(database, String(key)));
}

function textOf(database: string): string {
  try {
    return readFileSync(`/etc/${database}`, "utf8");
  } catch {
    return "";
  }
}

function asked(database: string, key: string): string {
  if (key.startsWith("-")) return "";
  try {
    const { stdout } = spawnSync("getent", [database, key], { encoding: "utf8", timeout: 5_000 });
    return stdout ?? "";
  } catch {
    // Such as a Deno that may not run programs: what the files say has to do.
    return "";
  }
}
