/**
 * What a platform may do to its bus, and what a signal comes to.
 * @module
 */
import { whileRuns } from "./_core.ts";
import type { Engine } from "./engine.ts";
import type { ChannelFailures } from "./errors.ts";
import type { Control } from "./platform.ts";
import { type Goal, GOALS, isEnd, type Reason } from "./states.ts";

/** Milliseconds after the first termination signal in which others count as the same one. */
const FOLD_MS = 500;

/** Makes the control of an engine. */
export function makeControl(engine: Engine): Control {
  const { core } = engine;
  let signaledAt: number | undefined;
  /** Publishes a signal, folds its repeats, and asks; a second one forces. */
  const signal = (goal: Goal | undefined, reason: Reason) => {
    try {
      core.publishSync(core.channel("signal"), [reason]);
    } catch (error) {
      (error as ChannelFailures).failures.forEach((failure) => core.logFailure(failure));
    }
    const now = core.clock.now();
    const again = isEnd(goal) && signaledAt !== undefined;
    if (isEnd(goal)) signaledAt ??= now;
    if (goal && !again) return engine.request(goal, reason);
    if (!again || now - signaledAt! <= FOLD_MS || engine.forcedBy) return engine.notice(reason);
    engine.forcedBy = reason;
    core.log(`Forced by ${reason.name ?? "a signal"}${whileRuns(core.running())}`, { level: "warn", reason });
    engine.request("exit", { ...reason, leftMs: 0 });
  };
  return {
    bus: core.name,
    get state() {
      return engine.state;
    },
    get settled() {
      return engine.settled;
    },
    get deadline() {
      return engine.deadline?.end;
    },
    request(asked, reason) {
      const goal = GOALS.find((goal) => goal === asked);
      if (reason.by === "signal") signal(goal, reason);
      else if (goal) engine.request(goal, reason);
      else engine.notice(reason);
      if (asked === "reload") void engine.errands.reload(reason);
      if (asked !== "inspect") return;
      const report = { ...core.inspect(), ...engine.inspect() };
      core.log(`Inspected: ${JSON.stringify(report)}`, { level: "warn", report });
    },
    abandon: (reason) => engine.abandon(reason),
    log: (message, details) => core.log(message, details),
  };
}
