/**
 * The ways by which requests come in, and what the routes tell of.
 * @module
 */
import type { ProcessBus } from "../../src/process_bus.ts";
import type { Actions, ControlRight } from "./actions.ts";
import type { EventStream } from "./event_stream.ts";
import type { StatusReader } from "./status.ts";
import type { TimelineKeeper } from "./timeline.ts";

/** The way by which a request came in. */
export interface Door {
  /** For the log. */
  readonly name: "socket" | "port";
  /** The rights of those who ask here. */
  readonly rights: readonly ControlRight[];
  /** The token and the host of a port; a socket has neither. */
  readonly guard?: { readonly token: string; readonly host: string } | undefined;
}

/** The sources of the routes. */
export interface RouteParts {
  readonly bus: ProcessBus;
  readonly status: StatusReader;
  readonly timelines: TimelineKeeper;
  readonly events: EventStream;
  readonly actions: Actions;
  /** The address of the status page with its token, for who may read the socket; undefined where there is none. */
  readonly pageUrl: () => string | undefined;
}
