/**
 * Values that are made once for each task.
 * @module
 */
import { checkFunction } from "../../src/check.ts";
import { type TaskContext, taskContext } from "./task_context.ts";
import type { Unit } from "./unit.ts";

/** A value that each task has of its own. */
export interface PerTask<T> {
  /**
   * The value of the task that this is called in, made when it is asked for first. A failure is told to those who asked, and
   * not remembered. Rejects with an `Error` outside of a task.
   */
  get(): Promise<T>;
}

/**
 * Makes a value for each task that asks for it, and disposes of it at the end of the task: by `dispose`, else by its own
 * `Symbol.asyncDispose` or `Symbol.dispose`, where it has one.
 *
 * @throws {TypeError} Where `make` or `dispose` is no function.
 *
 * @example
 * ```ts
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 * import { perTask, tasks } from "@sitebus/sitebus/units";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * const connection = perTask((task) => `connection of task ${task.id}`, (made) => console.log("close", made));
 * await bus.start();
 * await tasks(bus).run("import", async () => console.log(await connection.get()));
 * // connection of task 1, close connection of task 1
 * await bus.exit();
 * ```
 */
export function perTask<T>(
  make: (task: Unit) => T | Promise<T>,
  dispose?: (value: T) => unknown,
): PerTask<T> {
  checkFunction("Cannot make a value per task", "make", make);
  checkFunction("Cannot make a value per task", "dispose", dispose, true);
  const key = {};
  const create = async ({ unit, endings }: TaskContext): Promise<T> => {
    const value = await make(unit);
    const end = dispose === undefined ? ownDispose(value) : () => dispose(value);
    if (end !== undefined) endings.push(end);
    return value;
  };
  return {
    async get() {
      const context = taskContext.getStore();
      if (context === undefined) throw new Error("Cannot get a value per task: no task runs here");
      const { values } = context;
      const found = values.get(key) as Promise<T> | undefined;
      if (found !== undefined) return await found;
      const made = create(context);
      values.set(key, made);
      made.catch(() => values.delete(key));
      return await made;
    },
  };
}

function ownDispose(value: unknown): (() => unknown) | undefined {
  const resource = Object(value) as Partial<Disposable & AsyncDisposable>;
  const dispose = resource[Symbol.asyncDispose] ?? resource[Symbol.dispose];
  return dispose && (() => dispose.call(value));
}
