/**
 * What a listener of a state gets: its time, its signal, and the way to ask for something else.
 * @module
 */
import { checkCode, checkMs } from "./check.ts";
import type { LogDetails } from "./_core.ts";
import type { Deadline } from "./deadline.ts";
import type { Clock } from "./platform.ts";
import type { Goal, Phase, Reason, State } from "./states.ts";

/** The time of what runs, and the phase as its listeners see it. */
export interface Span {
  readonly deadline: Deadline;
  phase(limit: Deadline): Phase;
}

/** What all listeners of one phase share. */
export interface PhaseFacts {
  readonly state: State;
  readonly from: State;
  readonly reason: Reason;
  readonly clock: Clock;
  readonly request: (goal: Goal, reason: Reason) => void;
  readonly log: (message: string, details?: LogDetails) => void;
}

/** Makes the phase as one listener sees it; `limit` is its own deadline where it has one. */
export function makePhase(facts: PhaseFacts, deadline: Deadline, limit: Deadline = deadline): Phase {
  const { state, from, reason, clock } = facts;
  return {
    state,
    from,
    reason,
    get signal() {
      return limit.signal;
    },
    left: () => limit.left(),
    extend: (ms) => deadline.extend(checkMs(`Cannot extend "${state}"`, "ms", ms)),
    delay(ms) {
      checkMs(`Cannot delay in "${state}"`, "ms", ms);
      const { signal } = limit;
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const abort = () => {
          disarm();
          reject(signal.reason);
        };
        const disarm = clock.setTimer(ms, () => {
          signal.removeEventListener("abort", abort);
          resolve();
        });
        signal.addEventListener("abort", abort);
      });
    },
    request(goal, details = {}) {
      const { code, error } = details;
      if (code !== undefined) checkCode(`Cannot request "${goal}"`, code);
      facts.request(goal, { by: error === undefined ? "call" : "error", ...details });
    },
    log: facts.log,
  };
}
