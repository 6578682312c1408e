/**
 * sitebus: one process bus for every JavaScript runtime.
 *
 * An application says what happens when its process starts, drains, stops, reloads and exits; a platform
 * says when. The core uses no runtime API; the platforms have entry points of their own.
 *
 * @example
 * ```ts
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * bus.subscribe("start", () => console.log("up"));
 * bus.subscribe("stop", () => console.log("down"));
 * await bus.start();
 * await bus.exit();
 * ```
 * @module
 */
export { Bus } from "./src/bus.ts";
export type { Args, BusReport, ListenerReport, LogDetails, LogRecord, Subscription } from "./src/bus.ts";
export type { ChannelReports } from "./src/core.ts";
export type { Log, LogEvent, OtherEvent, PendingCall } from "./src/records.ts";
export type { WaitOptions } from "./src/waiters.ts";
export type { Listener, SubscribeOptions } from "./src/channel.ts";
export type { ChannelIterator } from "./src/channel_iterator.ts";
export type { Component, ComponentHandle, ComponentReport, Resource, Status } from "./src/component.ts";
export { ChannelFailures, RightError, TraitError, TransitionError } from "./src/errors.ts";
export type { Failure } from "./src/errors.ts";
export type { BusLike } from "./src/bus_like.ts";
export { guest } from "./src/guest.ts";
export type { Guest, Right } from "./src/guest.ts";
export { inline } from "./src/inline.ts";
export type {
  Clock,
  Control,
  LimitOptions,
  Needs,
  Outcome,
  Platform,
  RestartPlan,
  Traits,
} from "./src/platform.ts";
export { ProcessBus } from "./src/process_bus.ts";
export type { ProcessBusOptions, ProcessChannels } from "./src/process_bus.ts";
export type { Phase, Prepared, Reason, Reload, RequestDetails, StateChannels } from "./src/phase.ts";
export type { ComponentReadiness, Readiness } from "./src/readiness.ts";

export { retry } from "./src/retry.ts";
export type { RetryOptions } from "./src/retry.ts";
export { shareBus, sharedBus } from "./src/share_bus.ts";
export type { Goal, State, TimedState } from "./src/states.ts";
export type { Signal, SignalLike } from "./src/_web.ts";
