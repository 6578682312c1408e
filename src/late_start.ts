/**
 * Stops a component whose start has succeeded after the bus had given it up. The stop keeps its order where that is still possible.
 * @module
 */
import type { Step } from "./call.ts";
import type { Core } from "./core.ts";
import type { Member } from "./member.ts";
import { Round } from "./round.ts";
import type { Span } from "./spans.ts";
import type { State } from "./states.ts";

/** The part of a bus that the stop of a late start needs. */
export interface LateStartHost {
  readonly core: Core;
  readonly state: State;
  /** The time for a state, beginning now. */
  span(state: State): Span;
}

/** A start that has come up late. */
export interface LateStart {
  readonly value: unknown;
  /** Whether it cannot wait for its order. */
  readonly atOnce: boolean;
  /** The round of the present `stop`, once it has come to the components. */
  readonly round: Round | undefined;
  /** The members that it depends on. */
  before(): readonly Member[];
  /** Called when the component has been stopped, or when the coming `stop` of the bus will stop it. */
  done(): void;
}

/** Stops it. */
export function stopLate(
  host: LateStartHost,
  member: Member,
  { value, atOnce, round, before, done }: LateStart,
): void {
  const { core, state } = host;
  const { component, name, owner, status } = member;
  const isOver = state === "exited";
  const what = isOver ? "it is too late to stop it" : "it is stopped";
  member.tell(`Component "${name}" came up after its start was given up: ${what}`, { level: "warn" });
  if (isOver) return done();
  const isStopComing = state === "start" || state === "start_error" || state === "drain" ||
    state === "stop" && !round;
  // Where another start of it has begun meanwhile, this one has no place in the order.
  if (isStopComing && !atOnce && status === "down") {
    member.comeUp(value);
    return done();
  }
  if (state === "stop" && round) {
    // Its dependencies are stopped after it, unless their stop has begun.
    const waiting = before().filter(({ isUp }) => isUp);
    return round.add({
      name,
      owner,
      listener: () => {},
      act: (phase) => component.stop?.(value, phase),
      done,
    }, waiting);
  }
  const { deadline, phase } = host.span("stop");
  const step: Step = { name, owner, listener: () => component.stop?.(value, phase(deadline)) };
  new Round(core, "stop", [step], { call: (step) => step.listener() }, deadline).run(() => {
    deadline.close();
    done();
  });
}
