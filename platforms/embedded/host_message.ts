/**
 * The messages between a host and an embedded bus over a port.
 * @module
 */
import { show } from "../../src/check.ts";
import type { State } from "../../src/states.ts";
import { type RequestGoal, requestGoals } from "../process/request_goal.ts";

/** The details of a host's request. */
export interface HostDetails {
  /** The name of the event at the host, for the log. */
  readonly name?: string;
  /** The exit code, an integer from 0 to 255. */
  readonly code?: number;
  /** Milliseconds until the host ends the worker, the child or the program. */
  readonly leftMs?: number;
}

/** A message of the host. */
export type HostMessage = HostDetails & { readonly sitebus: RequestGoal };

/** A message of the bus: each state when it is entered and when it settles, and at the end the exit code. */
export type BusMessage =
  | { readonly sitebus: "state"; readonly bus: string; readonly state: State; readonly settled: boolean }
  | { readonly sitebus: "left"; readonly bus: string; readonly code: number };

/** Returns what is wrong with a message of a host; undefined if the message is valid. */
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
