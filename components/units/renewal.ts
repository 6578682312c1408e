/**
 * `graceful` of a unit is a roll of its slot: a server on an inherited socket has one life, so that the unit cannot start its
 * components anew. Its site replaces it, and it serves on until the new one is ready.
 * @module
 */
import type { ProcessBus } from "../../src/process_bus.ts";
import type { UpLink } from "./up_link.ts";

/** The members of the bus of a unit that are used here. */
type RenewableBus = Pick<ProcessBus, "subscribe" | "inspect">;

/** Has a unit ask its site for a successor, before anything of it drains for `graceful`. */
export function renewByGraceful(bus: RenewableBus, up: UpLink): void {
  bus.subscribe("drain", async (phase) => {
    if (bus.inspect().goal !== "graceful") return;
    const since = phase.left();
    const over = new Promise<void>((resolve) => phase.signal.addEventListener("abort", () => resolve()));
    await Promise.race([up.renew(), over]);
    // The time of the wait is not taken from the drain, as far as the limits of the bus allow.
    phase.extend(Math.max(0, since - phase.left()));
  }, { name: "successor", priority: -Infinity });
}
