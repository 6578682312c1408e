/**
 * The object by which a platform drives its bus.
 * @module
 */
import type { Core } from "./core.ts";
import type { Course } from "./course.ts";
import type { ChannelFailures } from "./errors.ts";
import { readReason, type Reason } from "./phase.ts";
import type { Control } from "./platform.ts";
import { whilePending } from "./records.ts";
import { describePending, logFailure } from "./call.ts";
import type { BusReport } from "./bus.ts";
import type { Reloads } from "./reloads.ts";
import { show } from "./check.ts";
import { type Goal, GOALS, isEnd, type State } from "./states.ts";

/** After the first termination signal, others within so many milliseconds count as the same one. */
export const FOLD_MS = 500;

/** The part of a bus that control needs. */
export interface ControlHost {
  readonly core: Core;
  readonly reloads: Reloads;
  readonly course: Course;
  readonly state: State;
  readonly settled: boolean;
  /** The end of what is under way, by the clock. */
  readonly deadlineEnd: number | undefined;
  abandon(reason: string): void;
  report(): BusReport;
}

/** Makes what a platform gets. */
export function makeControl(host: ControlHost): Control {
  const { core } = host;
  const signals = new Signals(host);
  return {
    bus: core.name,
    get state() {
      return host.state;
    },
    get settled() {
      return host.settled;
    },
    get deadline() {
      return host.deadlineEnd;
    },
    request(asked, given) {
      const { reason, wrong } = readReason(given);
      for (const text of wrong) {
        core.log(`Cannot use a part of a request: ${text}`, { level: "error", reason });
      }
      const goal = GOALS.find((goal) => goal === asked);
      if (!goal && asked !== "reload" && asked !== "inspect" && asked !== "none") {
        core.log(
          `Cannot request ${show(asked)}: expected one of ${GOALS.join(", ")}, reload, inspect, none`,
          {
            level: "error",
            reason,
          },
        );
      } else if (reason.by === "signal") signals.take(goal, reason);
      else if (goal) host.course.request(goal, reason);
      else host.course.notice(reason);
      if (asked === "reload") void host.reloads.request(reason);
      if (asked === "inspect") {
        const report = host.report();
        core.log(`Inspected: ${JSON.stringify(report)}`, { level: "warn", event: "inspect", report });
      }
    },
    reload: (details, options) => host.reloads.request(details, options).then(({ failures }) => failures),
    abandon: (reason) => host.abandon(reason),
    log: (message, details) => core.log(message, details),
  };
}

/** The signals of one process: repeats are folded, and a second one forces the end. */
class Signals {
  readonly #host: ControlHost;
  #firstAt: number | undefined = undefined;
  #isForced = false;

  constructor(host: ControlHost) {
    this.#host = host;
  }

  /** Publishes a signal, then asks for its goal. */
  take(goal: Goal | undefined, reason: Reason): void {
    const { core } = this.#host;
    const now = core.clock.now();
    const isRepeat = isEnd(goal) && this.#firstAt !== undefined;
    const isFolded = isRepeat && (now - this.#firstAt! <= FOLD_MS || this.#isForced);
    try {
      core.publishSync(core.channel("signal"), [reason]);
    } catch (error) {
      for (const failure of (error as ChannelFailures).failures) logFailure(core, failure);
    }
    core.log(`Signal ${reason.name ?? "without a name"}`, {
      level: "debug",
      event: "signal",
      reason,
      folded: isFolded,
    });
    if (isEnd(goal)) this.#firstAt ??= now;
    if (goal && !isRepeat) return this.#host.course.request(goal, reason);
    if (!isRepeat || isFolded) return this.#host.course.notice(reason);
    this.#isForced = true;
    const pending = describePending(core);
    const message = `Forced by ${reason.name ?? "a signal"}${whilePending(pending)}`;
    core.log(message, { level: "warn", event: "forced", reason, pending });
    this.#host.course.force(reason);
  }
}
