/**
 * The buses that can be asked for a reload: a bus, or a guest with that right.
 * @module
 */
import { show } from "../../src/check.ts";
import type { Guest } from "../../src/guest.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { Phase } from "../../src/phase.ts";

/** A bus, or a guest with the right "reload". */
export type ReloadableBus = Pick<ProcessBus, "reload"> | Pick<Guest, "request">;

/** Refuses what is neither. @throws {TypeError} Naming what it is. */
export function checkReloadable(action: string, bus: ReloadableBus): void {
  const { reload, request } = Object(bus) as Partial<ProcessBus & Guest>;
  if (typeof reload === "function" || typeof request === "function") return;
  throw new TypeError(
    `${action}: the bus is ${show(bus)}, expected a bus, or a guest with the right "reload"`,
  );
}

/** Asks for a reload, and says why. What a reload is refused for is logged by the bus. */
export function reloadBy(
  bus: ReloadableBus,
  log: Phase["log"],
  { file, what }: { readonly file: string; readonly what: string },
): void {
  log(`Reloads, since "${file}" ${what}`, { event: "file", file });
  const done: Promise<unknown> = "reload" in bus ? bus.reload() : bus.request("reload");
  // On its way to the end, a bus reloads no more.
  done.catch(() => {});
}
