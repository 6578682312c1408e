/**
 * The component that makes a bus a node of a fleet.
 * @module
 */
import { checkFunction, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import type { Goal } from "../../src/states.ts";
import type { Receipt } from "../units/protocol.ts";
import { siteOf } from "../units/site.ts";
import {
  Controller,
  type FleetReload,
  type FleetReloadOptions,
  type FleetRequestOptions,
  type FleetRollOptions,
  type FleetStatus,
} from "./controller.ts";
import type { FleetApplied, FleetMember, RollKind } from "./entries.ts";
import { checkFleet, type FleetOptions } from "./fleet_options.ts";
import { loadKvm } from "./nats_like.ts";
import { type FleetBus, FleetNode } from "./node.ts";
import type { FleetRoll } from "./roll_following.ts";

/** A controller of a fleet. Its rights are those of its credentials. */
export interface FleetControl {
  /**
   * Puts a generation: every node reloads to it, those that are away as soon as they are back. Resolves when all members have
   * acknowledged, or the time is over; one that vetoes keeps what it has, and its receipt says so.
   * @throws {TypeError} If the details cannot be written as JSON.
   * @throws {RangeError} If they are larger than the server takes.
   * @throws {Error} If the server cannot be reached, or does not grant it.
   */
  reload(details?: unknown, options?: FleetReloadOptions): Promise<FleetReload>;
  /**
   * Restarts all members, or has them idle and run again, some at a time. A node with a pool rolls that. Where a roll of this
   * kind is under way, that one is followed. Resolves to what became of it.
   * @throws {Error} If the server cannot be reached, a roll of another kind is under way, or nothing happens for too long.
   */
  roll(how: RollKind, options?: FleetRollOptions): Promise<FleetRoll>;
  /**
   * Asks nodes for a goal, once, and only in the time that is given. For `stop`, `exit` and `restart` a receipt says that the
   * node has begun.
   */
  request(goal: Goal, options?: FleetRequestOptions): Promise<readonly Receipt[]>;
  /** Publishes on a channel of all buses of the nodes. The arguments can be written as JSON. */
  publish(
    channel: string,
    args: readonly unknown[],
    options?: FleetRequestOptions,
  ): Promise<readonly Receipt[]>;
  /** The members that are there now. */
  members(): Promise<readonly FleetMember[]>;
  /** The generation, the members, and how far the newest roll is. */
  status(): Promise<FleetStatus>;
}

/** The value of the component. */
export interface Fleet extends FleetControl {
  /** The name of this node. */
  readonly node: string;
  /** Whether the node is joined to the fleet now. Nothing here depends on it but what is asked of the others. */
  readonly joined: boolean;
  /** The generation of the fleet that this node runs with; 0 before the first. */
  readonly generation: number;
  /** The details of that generation. */
  readonly details: unknown;
  /** The outcome of the newest generation that it has tried. */
  readonly applied: FleetApplied | undefined;
}

/**
 * Makes a component that joins a bus to a fleet: the buses of other processes and machines, over a server of NATS with
 * JetStream. The node reloads to the newest generation of the fleet, tells the others what became of it, takes its turn in a
 * roll, and carries out the commands that it has granted. A server that is not there, or a connection that is lost, stops
 * nothing: the node goes on, and catches up.
 *
 * The log records have the `event` "fleet" with its name as `fleet`, and as `status` "joined", "unreachable", "lost", "back",
 * "refused", "doubled" or "silent".
 *
 * @throws {TypeError} If the bus or an option is none.
 * @throws {RangeError} If a time is out of range.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@nats-io/transport-node";
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { fleet } from "@sitebus/sitebus/fleet";
 * import { native } from "@sitebus/sitebus/native";
 *
 * const bus = new ProcessBus({ name: "web", platform: native() });
 * const shop = bus.use(fleet(bus, {
 *   name: "shop",
 *   connect: () => connect({ servers: "nats.example:4222", maxReconnectAttempts: -1, reconnectTimeWait: 100 }),
 *   rights: ["reload", "restart", "graceful"],
 * }));
 * bus.subscribe("reload", ({ details }) => ({ commit: () => console.log("all have", details) }));
 * await bus.start();
 * await shop.value.reload({ color: "blue" });
 * ```
 */
export function fleet(bus: FleetBus, options: FleetOptions): Component<Fleet> {
  const action = "Cannot join a fleet";
  if (typeof bus !== "object" || bus === null) {
    throw new TypeError(`${action}: the bus is ${show(bus)}, expected a bus`);
  }
  checkFunction(action, "bus.reload", bus.reload);
  const settings = checkFleet(action, options);
  const node = new FleetNode(bus, settings);
  const controller = new Controller({
    fleet: settings.name,
    clock: bus.platform.clock,
    reach(action) {
      const { joined } = node;
      if (joined === undefined) throw new Error(`${action}: the server cannot be reached`);
      return { buckets: joined.buckets, mostBytes: joined.connection.info?.max_payload ?? Infinity };
    },
  });
  node.whenReturned = () => controller.returned();
  const control = controlOf(controller);
  siteOf(bus).joinFleet((act, { to, leftMs }) => {
    const options = { within: leftMs, ...(to !== undefined && { to }) };
    if ("publish" in act) return control.publish(act.publish, act.args, options);
    if (act.request !== "reload") return control.request(act.request, options);
    return control.reload(act.details, { within: leftMs }).then(({ receipts }) => receipts);
  });
  const value: Fleet = {
    ...control,
    node: settings.node,
    get joined() {
      return node.joined !== undefined;
    },
    get generation() {
      return node.generations.current.generation;
    },
    get details() {
      return node.generations.current.details;
    },
    get applied() {
      return node.generations.applied;
    },
  };
  return {
    name: `fleet ${settings.name}`,
    async start(): Promise<Fleet> {
      await node.open(settings.kvm ?? loadKvm(action));
      return value;
    },
    async stop() {
      controller.close();
      await node.stop();
    },
  };
}

/** The methods of a controller, as functions that need no `this`. */
export function controlOf(controller: Controller): FleetControl {
  return {
    reload: (details, options) => controller.reload(details, options),
    roll: (how, options) => controller.roll(how, options),
    request: (goal, options) => controller.request({ request: goal }, options),
    publish: (channel, args, options) => controller.request({ publish: channel, args }, options),
    members: () => controller.members(),
    status: () => controller.status(),
  };
}
