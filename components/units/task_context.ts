/**
 * The task that the running code belongs to, and what was made for it.
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Unit } from "./unit.ts";

/** A task that runs. */
export interface TaskContext {
  readonly unit: Unit;
  /** The values that were made for the task, by their factories. */
  readonly values: Map<object, Promise<unknown>>;
  /** The callbacks for its end, the last first. */
  readonly endings: (() => unknown)[];
}

/** Which task it is. */
export const taskContext: AsyncLocalStorage<TaskContext> = new AsyncLocalStorage();
