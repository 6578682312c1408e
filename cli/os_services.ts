/**
 * The parts of `sitebus serve` as a service of the operating system.
 * @module
 */
import process from "node:process";
import type { ComponentHandle, ProcessBus } from "../mod.ts";
import { pidFile, privileges, type Systemd, systemd, watchdog } from "../components/os.ts";
import { findGroup, findUser } from "../components/os/accounts.ts";
import { cannotKill, Watch } from "../components/os/watch.ts";
import { textOf } from "../src/errors.ts";
import { ConfigError } from "./config_error.ts";
import type { OsOptions } from "./serve_options.ts";

/** The further facts that the services need. */
export interface OsPlace {
  /** Whether lines are JSON. */
  readonly json: boolean;
  /** The component that opens the port. */
  readonly server: string;
}

/** Whether systemd wants to be told what happens. */
export function toldToSystemd(): boolean {
  return Boolean(process.env["NOTIFY_SOCKET"]);
}

/**
 * Uses the services that were asked for. The stop is watched in any case, where the runtime can end the process.
 * @throws {ConfigError} If there is no such user or group.
 */
export function useOsServices(bus: ProcessBus, options: OsOptions, { json, server }: OsPlace): void {
  const { pidFile: path, user, group, umask, watchdog: stuckMs } = options;
  const before = [server];
  // Before anything is made, such as a unix socket.
  if (umask !== undefined) process.umask(umask);
  if (path !== undefined) before.push(bus.use(pidFile(path)).name);
  if (toldToSystemd()) showAddress(bus, bus.use(systemd(bus)));
  if (stuckMs !== undefined) bus.use(watchdog(bus, { stuckMs, json }));
  else if (cannotKill() === undefined) watchStop(bus, json);
  if (user === undefined && group === undefined) return;
  const who = { ...user !== undefined && { user }, ...group !== undefined && { group } };
  bus.use(known(() => privileges({ ...who, dependsOn: before })));
}

/**
 * The numbers of the user and the group, for a pool whose units run as them.
 * @throws {ConfigError} If there is no such user or group.
 */
export function idsOf(
  { user, group }: OsOptions,
): { readonly user: number; readonly group: number } | undefined {
  if (user === undefined && group === undefined) return undefined;
  return known(() => {
    const action = "Cannot start workers";
    const account = user === undefined ? undefined : findUser(action, user);
    const gid = group === undefined ? account?.gid : findGroup(action, group);
    if (gid === undefined) {
      throw new Error(`${action}: the machine knows no user "${user}", so it needs --group`);
    }
    return { user: account?.uid ?? process.geteuid?.() ?? 0, group: gid };
  });
}

function known<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new ConfigError(textOf(cause), { cause });
  }
}

/** No component, since there is nothing to start: its thread begins with the stop. */
function watchStop(bus: ProcessBus, json: boolean): void {
  new Watch(bus, { stuckMs: undefined, json, log: (message, details) => bus.log(message, details) });
}

/** Has `systemctl status` show where it serves. */
function showAddress(bus: ProcessBus, told: ComponentHandle<Systemd>): void {
  bus.subscribe("log", ({ event, message }) => {
    if (event === "serving") told.value.status(message);
  }, { name: "systemd" });
}
