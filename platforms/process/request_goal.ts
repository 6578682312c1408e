/**
 * The goals that a platform may ask its bus for.
 * @module
 */
import type { Goal } from "../../src/states.ts";

/** The request of a signal or a host: a goal of the bus, a reload, a report in the log (`inspect`), or only a published event (`none`). */
export type RequestGoal = Goal | "reload" | "inspect" | "none";

/** All goals that a platform may ask for. */
export const requestGoals: readonly RequestGoal[] = [
  "start",
  "stop",
  "exit",
  "graceful",
  "restart",
  "reload",
  "inspect",
  "none",
];
