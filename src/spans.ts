/**
 * The time of a state, and the phase that its listeners get.
 * @module
 */
import { onAbort } from "./_web.ts";
import { checkMs } from "./check.ts";
import type { Core } from "./core.ts";
import { Deadline } from "./deadline.ts";
import type { Limits } from "./limits.ts";
import { checkRequest, type Phase, type Reason } from "./phase.ts";
import type { Goal, State } from "./states.ts";

/** A deadline, and the phase that its listeners get. */
export interface Span {
  readonly deadline: Deadline;
  /** `limit`: the deadline of the listener, which may have one of its own. */
  phase(limit: Deadline): Phase;
}

/** The part of a bus that the time of a state needs. */
export interface SpanHost {
  readonly core: Core;
  readonly limits: Limits;
  readonly course: { readonly reason: Reason; request(goal: Goal, reason: Reason): void };
}

/** The time for `state`, beginning now; `ms` where it is not the usual one. */
export function limitFor(
  { core: { clock }, limits }: Pick<SpanHost, "core" | "limits">,
  state: State,
  ms: number,
  atMost: number = ms,
): Deadline {
  const deadline = new Deadline(clock, state, ms, { atMost, forgives: limits.of("settle") });
  deadline.limit(limits.noticed(state));
  return deadline;
}

/** The time for `state`, beginning now, and what makes the phase of its listeners. */
export function spanOf(
  host: SpanHost,
  { state, from, isErrand = false }: Pick<Phase, "state" | "from"> & { readonly isErrand?: boolean },
): Span {
  const { core, limits, course: { reason } } = host;
  const deadline = limitFor(
    host,
    state,
    limits.begin(state, core.clock.now(), isErrand),
    limits.atMost(state),
  );
  const { clock, log } = core;
  const phase = (limit: Deadline): Phase => ({
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
        const disarm = clock.setTimer(ms, () => {
          release();
          resolve();
        });
        const release = onAbort(signal, (reason) => {
          disarm();
          reject(reason);
        });
      });
    },
    request(goal, details) {
      host.course.request(goal, checkRequest(goal, details));
    },
    log: (message, details) => log(message, details),
  });
  return { deadline, phase };
}
