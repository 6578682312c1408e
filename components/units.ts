/**
 * Units: threads, child processes and tasks, from their real start to their real end; pools of them that roll without losing a
 * request; and the site, through which an event or a reload reaches all of them.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { native } from "@sitebus/sitebus/native";
 * import { pool } from "@sitebus/sitebus/units";
 *
 * const bus = new ProcessBus({ name: "site", platform: native() });
 * bus.use(pool(bus, {
 *   name: "web",
 *   kind: "process",
 *   entry: new URL("./worker.ts", import.meta.url),
 *   listen: { web: { port: 8080 } },
 * }));
 * await bus.run();
 * ```
 * @module
 */
export type { ListenPlace } from "./units/held_socket.ts";
export { pool } from "./units/pool.ts";
export type { PoolOptions } from "./units/pool_options.ts";
export { poolsOf } from "./units/pools_of.ts";
export type { DegradedStatus, Pool, PoolStatus, RollStatus, UnitStatus } from "./units/pool_value.ts";
export type { Receipt, Scope } from "./units/protocol.ts";
export type { Unit, UnitChannels, UnitEnd } from "./units/unit.ts";
export { unit, type UnitOptions } from "./units/unit_platform.ts";
export { type PublishOptions, type RequestOptions, type Site, site, type SiteBus } from "./units/site.ts";
export { adopt, type ChildProcessLike, type WorkerLike } from "./units/adopt.ts";
export { type PerTask, perTask } from "./units/per_task.ts";
export { type Tasks, tasks, type TasksOptions } from "./units/tasks.ts";
export type { UrlLike } from "../src/internal.ts";
