/**
 * Tasks: pieces of work of this isolate that have a beginning and an end, such as a message of a queue.
 * @module
 */
import { checkFunction, checkKeys, checkName } from "../../src/check.ts";
import { type Controller, defer, namedError, type Signal, web } from "../../src/internal.ts";
import { textOf } from "../../src/errors.ts";
import { type SiteBus, siteOf } from "./site.ts";
import { type TaskContext, taskContext } from "./task_context.ts";
import type { Unit, UnitEnd } from "./unit.ts";

/** How tasks are made. */
export interface TasksOptions {
  /** The prefix of the name of each task: "mail" makes "mail/welcome" of "welcome". Default nothing. */
  readonly name?: string;
}

/** Runs tasks. */
export interface Tasks {
  /** How many run. */
  readonly running: number;
  /**
   * Runs `body` as a task and settles as it does. The bus tells of it on `unit:start` and `unit:stop`, and its drain waits for
   * it; the signal aborts shortly before that has no more time.
   * @throws {Error} Where the bus is on its way down, so that nobody would wait for the task.
   */
  run<T>(name: string, body: (task: Unit, signal: Signal) => T | Promise<T>): Promise<T>;
}

const ENDING: ReadonlySet<string> = new Set(["drain", "stop", "stop_error", "exit", "exit_error", "exited"]);

/**
 * Makes a runner of tasks.
 *
 * @example
 * ```ts
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 * import { tasks } from "@sitebus/sitebus/units";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * await bus.start();
 * const mail = tasks(bus, { name: "mail" });
 * void mail.run("welcome", async (task) => console.log(`${task.name} runs`)); // mail/welcome runs
 * await bus.exit(); // waits for it
 * ```
 */
export function tasks(bus: SiteBus, options: TasksOptions = {}): Tasks {
  checkKeys("Cannot make tasks", options, ["name"]);
  const prefix = options.name === undefined ? "" : `${checkName("Cannot make tasks", options.name)}/`;
  const { table } = siteOf(bus);
  const { clock } = bus.platform;
  const running = new Map<Controller, string>();
  bus.subscribe("drain", ({ signal }) => {
    const abort = () => {
      for (const controller of running.keys()) {
        controller.abort(namedError("AbortError", "The time for drain is over"));
      }
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  }, { name: `${prefix || "tasks "}signals`, priority: -Infinity });

  const run = async <T>(
    context: TaskContext,
    body: (task: Unit, signal: Signal) => T | Promise<T>,
    end: (failed: boolean) => void,
  ): Promise<T> => {
    const controller = new web.AbortController();
    running.set(controller, context.unit.name);
    let failed = true;
    try {
      const value = await taskContext.run(context, () => body(context.unit, controller.signal));
      failed = false;
      return value;
    } finally {
      for (const ending of context.endings.reverse()) {
        try {
          await ending();
        } catch (error) {
          bus.log(`Cannot dispose of what the task "${context.unit.name}" made: ${textOf(error)}`, {
            level: "error",
            error,
          });
        }
      }
      running.delete(controller);
      end(failed);
    }
  };

  return {
    get running() {
      return running.size;
    },
    run<T>(name: string, body: (task: Unit, signal: Signal) => T | Promise<T>): Promise<T> {
      const action = `Cannot run the task "${checkName("Cannot run a task", name)}"`;
      checkFunction(action, "body", body);
      if (ENDING.has(bus.state)) {
        throw new Error(`${action}: the bus is in "${bus.state}", and waits for no more work`);
      }
      const since = clock.now();
      const ended = defer<UnitEnd>();
      let state: Unit["state"] = "run";
      const unit: Unit = Object.freeze({
        id: table.nextId(),
        name: prefix + name,
        kind: "task",
        since: clock.time(),
        get state() {
          return state;
        },
        generation: siteOf(bus).generation,
        ready: Promise.resolve(),
        ended: ended.promise,
      });
      table.add(unit);
      const end = (failed: boolean) => {
        state = "ended";
        ended.resolve({ why: failed ? "failed" : "asked", code: failed ? 1 : 0, ms: clock.now() - since });
      };
      return bus.hold(run({ unit, values: new Map(), endings: [] }, body, end), { name: unit.name });
    },
  };
}
