/**
 * Services of the operating system: a pid file, rights that are given up, systemd, and a watchdog.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { native } from "@sitebus/sitebus/native";
 * import { pidFile, privileges, systemd, watchdog } from "@sitebus/sitebus/os";
 *
 * const bus = new ProcessBus({ name: "shop", platform: native() });
 * bus.use(pidFile("/run/shop.pid"));
 * bus.use(systemd(bus));
 * bus.use(watchdog(bus, { stuckMs: 30_000 }));
 * bus.use(httpServer(server, { name: "web", port: 80 }));
 * bus.use(privileges({ user: "www-data", dependsOn: ["web", "pidFile"] }));
 * await bus.run();
 * ```
 * @module
 */
export { pidFile, type PidFileOptions } from "./os/pid_file.ts";
export { privileges, type PrivilegesOptions } from "./os/privileges.ts";
export type { WatchedBus } from "./os/watch.ts";
export { watchdog, type WatchdogOptions } from "./os/watchdog.ts";
export { type Systemd, systemd, type SystemdOptions, type ToldBus } from "./os/systemd.ts";
