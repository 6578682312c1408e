/**
 * Watches the files that an application has really loaded, and rolls its pool when one changes: the new process serves before the
 * old one ends, and a broken edit leaves the old one serving.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { native } from "@sitebus/sitebus/native";
 * import { pool } from "@sitebus/sitebus/units";
 * import { watch } from "@sitebus/sitebus/watch";
 *
 * const bus = new ProcessBus({ name: "site", platform: native() });
 * const entry = new URL("./worker.ts", import.meta.url);
 * const web = bus.use(pool(bus, { name: "web", kind: "process", count: 1, entry, listen: { web: { port: 8080 } } }));
 * bus.use(watch(bus, { pool: web }));
 * await bus.run();
 * ```
 * @module
 */
export { tellLoaded } from "./watch/tell_loaded.ts";
export {
  type Change,
  type RollingPool,
  type Watch,
  watch,
  type WatchBus,
  type WatchChannels,
  type WatchComponent,
  type WatchOptions,
} from "./watch/watch.ts";
