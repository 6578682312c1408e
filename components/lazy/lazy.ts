/**
 * A value that is made once, by the first call that needs it.
 * @module
 */
import { checkFunction, checkKeys, checkMs, checkName } from "../../src/check.ts";
import type { Signal } from "../../src/internal.ts";
import { type Lazy, type LazyOptions, LazyValue } from "./lazy_value.ts";

const OPTIONS = ["name", "dependsOn", "within", "retryDelay", "maxRetryDelay", "dispose"];

/**
 * Makes a value when it is first asked for, once, however many ask. A failure is told to those who asked and is not
 * remembered: after a pause, `create` is called again. Used as a component, the value is disposed of when the bus
 * stops, and made again after the next start.
 *
 * On workerd, where sockets and promises end with the request that made them, no request waits for a promise of
 * another one: where the request that called `create` is gone, another one that waits calls it again.
 *
 * @throws {TypeError} If `create` or `dispose` is no function, or an option is unknown.
 * @throws {RangeError} If a time is no number of milliseconds.
 *
 * @example
 * ```ts
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 * import { lazy } from "@sitebus/sitebus/lazy";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * const db = lazy(async () => ({ query: (sql: string) => `${sql}: done` }), { name: "db" });
 * bus.use(db);
 * await bus.start(); // connects to nothing yet
 * console.log((await db.get()).query("select 1")); // select 1: done
 * await bus.exit();
 * ```
 */
export function lazy<T>(
  create: (signal: Signal) => T | Promise<T>,
  options: LazyOptions<T> = {},
): Lazy<T> {
  const action = "Cannot make the lazy value";
  checkFunction(action, "create", create);
  checkKeys(action, options, OPTIONS);
  checkMaking(action, options);
  checkFunction(action, "dispose", options.dispose, true);
  return new LazyValue(create, options);
}

/** Refuses a name or a time that is none. */
export function checkMaking(
  action: string,
  options: Pick<LazyOptions<never>, "name" | "within" | "retryDelay" | "maxRetryDelay">,
): void {
  const { name, within, retryDelay, maxRetryDelay } = options;
  if (name !== undefined) checkName(action, name);
  for (const [field, ms] of Object.entries({ within, retryDelay, maxRetryDelay })) {
    if (ms !== undefined) checkMs(action, field, ms);
  }
}
