/**
 * Gives up the rights of root, once the servers have their ports.
 * @module
 */
import process from "node:process";
import { checkKeys, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { textOf } from "../../src/errors.ts";
import type { Phase } from "../../src/phase.ts";
import { type Account, findGroup, findUser } from "./accounts.ts";
import { become, isTarget, readIdentity, type Target } from "./identity.ts";

/** Whom a process becomes, and when. */
export interface PrivilegesOptions {
  /** The user, by name or number. Default: it stays. */
  readonly user?: string | number;
  /** The group, by name or number. Default: the one that the user belongs to. */
  readonly group?: string | number;
  /** The permissions that new files do not get: a number such as `0o027`, or text such as "027". Default: it stays. */
  readonly umask?: string | number;
  /** The components that are up before the rights are given up, such as the servers, whose ports below 1024 need them. */
  readonly dependsOn?: readonly string[];
  /** The component's name. Default "privileges". */
  readonly name?: string;
}

const OPTIONS = ["user", "group", "umask", "dependsOn", "name"];
const LARGEST_UMASK = 0o777;

/**
 * A component whose start makes the process run as another user and group, with no supplementary group, for good. What
 * was asked is read back from the operating system, and the start fails where anything of root is left.
 *
 * From then on `bus.restart()`, a further start that opens a port below 1024, and files that only root can read cannot
 * work; the log says so.
 *
 * @example
 * ```ts ignore
 * import { privileges } from "@sitebus/sitebus/os";
 *
 * bus.use(httpServer(server, { name: "web", port: 80 }));
 * bus.use(privileges({ user: "www-data", umask: "027", dependsOn: ["web"] }));
 * ```
 * @throws {TypeError} If no user, group or umask is given, or one of them cannot be used.
 * @throws {Error} If the operating system is Windows, or there is no such user or group.
 */
export function privileges(options: PrivilegesOptions): Component {
  const action = "Cannot make privileges";
  checkKeys(action, options, OPTIONS);
  const { user, group, dependsOn = [], name = "privileges" } = options ?? {};
  checkName(action, name);
  for (const [field, value] of Object.entries({ user, group })) checkId(action, field, value);
  const umask = checkUmask(action, options?.umask);
  if (user === undefined && group === undefined && umask === undefined) {
    throw new TypeError(`${action}: expected a user, a group or a umask`);
  }
  if (process.platform === "win32") throw new Error(`${action}: Windows has no such users, groups and umask`);
  const account = user === undefined ? undefined : findUser(action, user);
  const gid = group === undefined ? account?.gid : findGroup(action, group);
  if (account !== undefined && gid === undefined) {
    throw new TypeError(`${action}: the machine knows no user ${account.uid}, so the group has to be given`);
  }
  return {
    name,
    dependsOn: [...dependsOn],
    start({ log }) {
      if (umask !== undefined) process.umask(umask);
      if (gid !== undefined) giveUp(log, account, { uid: account?.uid, gid });
    },
  };
}

function giveUp(log: Phase["log"], account: Account | undefined, target: Target): void {
  const { uid, gid } = target;
  const who = [...account ? [`user "${account.name}"`] : [], `group ${gid}`].join(", ");
  try {
    if (isTarget(readIdentity(), target)) return;
    become(target);
  } catch (cause) {
    const hint = process.geteuid?.() === 0 ? "" : "; only root may do that";
    throw new Error(`Cannot become ${who}: ${textOf(cause)}${hint}`, { cause });
  }
  log(
    `Runs as ${who}, in no other group; a restart, a port below 1024 and files of root are out of reach from now on`,
    { event: "privileges", ...uid !== undefined && { uid }, gid },
  );
}

function checkId(action: string, field: string, value: unknown): void {
  if (value === undefined || Number.isInteger(value) && (value as number) >= 0) return;
  if (typeof value === "string" && /^[^:\s]+$/.test(value)) return;
  throw new TypeError(`${action}: "${field}" is ${show(value)}, expected a name or a number`);
}

function checkUmask(action: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const umask = typeof value === "string" && /^[0-7]+$/.test(value) ? Number.parseInt(value, 8) : value;
  if (Number.isInteger(umask) && umask as number >= 0 && umask as number <= LARGEST_UMASK) {
    return umask as number;
  }
  throw new TypeError(`${action}: "umask" is ${show(value)}, expected three octal digits, such as "027"`);
}
