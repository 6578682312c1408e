/**
 * What a host and an embedded bus say to each other over a port.
 * @module
 */
import { show } from "../../src/check.ts";
import type { State } from "../../src/states.ts";
import { type RequestGoal, requestGoals } from "../process/request_goal.ts";

/** The details of a request of a host. */
export interface HostDetails {
  /** The name of what happened at the host, for the log. */
  readonly name?: string;
  /** The exit code, an integer from 0 to 255. */
  readonly code?: number;
  /** Milliseconds until the host ends the bus's world: a notice. */
  readonly leftMs?: number;
}

/** What the host sends. */
export type HostMessage = HostDetails & { readonly sitebus: RequestGoal };

/** What the bus sends: each state as it is entered and as it settles, and at last the exit code. */
export type BusMessage =
  | { readonly sitebus: "state"; readonly bus: string; readonly state: State; readonly settled: boolean }
  | { readonly sitebus: "left"; readonly bus: string; readonly code: number };

/** Says what is wrong with a message of a host; undefined if nothing is. */
export function hostMessageFault(message: { readonly sitebus: unknown }): string | undefined {
  const { sitebus, name, code, leftMs } = message as Partial<Record<"sitebus" | keyof HostDetails, unknown>>;
  if (!requestGoals.includes(sitebus as RequestGoal)) {
    return `"sitebus" is ${show(sitebus)}, expected one of ${requestGoals.join(", ")}`;
  }
  if (name !== undefined && typeof name !== "string") return `"name" is ${show(name)}, expected a string`;
  if (code !== undefined && !(Number.isInteger(code) && Number(code) >= 0 && Number(code) <= 255)) {
    return `"code" is ${show(code)}, expected an integer from 0 to 255`;
  }
  if (leftMs !== undefined && !(typeof leftMs === "number" && leftMs >= 0)) {
    return `"leftMs" is ${show(leftMs)}, expected milliseconds`;
  }
  return undefined;
}

/** Whether a message is meant for a bus; other messages on the port belong to the application. */
export function isForBus(message: unknown): message is { readonly sitebus: unknown } {
  return typeof message === "object" && message !== null && "sitebus" in message;
}
