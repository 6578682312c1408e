/**
 * A fleet: the buses of many processes and machines, over a server of NATS with JetStream. A reload reaches all of them, a roll
 * restarts them some at a time, and a lost connection stops none.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@nats-io/transport-node";
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { fleet } from "@sitebus/sitebus/fleet";
 * import { native } from "@sitebus/sitebus/native";
 *
 * const bus = new ProcessBus({ name: "web", platform: native() });
 * bus.use(fleet(bus, { name: "shop", connect: () => connect({ servers: "nats.example:4222" }) }));
 * await bus.run();
 * ```
 * @module
 */
export { type Fleet, fleet, type FleetControl } from "./fleet/fleet.ts";
export { type FleetController, fleetController } from "./fleet/fleet_control.ts";
export type { FleetOptions } from "./fleet/fleet_options.ts";
export type { FleetBus } from "./fleet/node.ts";
export type {
  FleetReload,
  FleetReloadOptions,
  FleetRequestOptions,
  FleetRollOptions,
  FleetStatus,
} from "./fleet/controller.ts";
export type { FleetApplied, FleetMember, FleetRolling, RollKind } from "./fleet/entries.ts";
export type { FleetRoll, FleetRollFailure } from "./fleet/roll_following.ts";
export type { KvEntriesLike, KvEntryLike, KvLike, KvmLike, NatsConnectionLike } from "./fleet/nats_like.ts";
export type { Receipt } from "./units/protocol.ts";
export type { SiteBus } from "./units/site.ts";
