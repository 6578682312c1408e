/**
 * A controller that is no node: it commands a fleet, and serves nothing.
 * @module
 */
import { checkFunction, checkKeys } from "../../src/check.ts";
import { webClock } from "../../src/web_clock.ts";
import { openBuckets } from "./buckets.ts";
import { Controller } from "./controller.ts";
import { controlOf, type FleetControl } from "./fleet.ts";
import type { FleetOptions } from "./fleet_options.ts";
import { checkFleetName } from "./names.ts";
import { loadKvm } from "./nats_like.ts";

/** A controller that is connected. */
export interface FleetController extends FleetControl, AsyncDisposable {
  /** Closes the connection; a roll goes on without it. */
  close(): Promise<void>;
}

/**
 * Connects a controller to a fleet, without joining it.
 * @throws {TypeError} If an option is none.
 * @throws {Error} If the server cannot be reached, or the buckets of the fleet cannot be used.
 */
export async function fleetController(
  options: Pick<FleetOptions, "connect" | "name" | "kvm" | "expireMs">,
): Promise<FleetController> {
  const action = "Cannot control a fleet";
  checkKeys(action, options, ["connect", "name", "kvm", "expireMs"]);
  checkFunction(action, "connect", options.connect);
  const name = checkFleetName(action, options.name);
  const makeKvm = options.kvm ?? loadKvm(action);
  const connection = await options.connect();
  try {
    const buckets = await openBuckets(makeKvm(connection), name, options.expireMs ?? 30_000);
    const controller = new Controller({
      fleet: name,
      clock: webClock,
      reach: () => ({ buckets, mostBytes: connection.info?.max_payload ?? Infinity }),
    });
    const close = async () => {
      controller.close();
      await connection.close();
    };
    return { ...controlOf(controller), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await connection.close().catch(() => {});
    throw error;
  }
}
