/**
 * The states of a process bus, its goals, and the table that leads from state to state.
 *
 * ```
 * initial → enter → idle → start → run → drain → stop → idle → exit → exited
 *                           start, start_error → drain             (a start given up, or failed)
 * errors:  start, run → start_error    enter, idle, stop → stop_error → exit    exit → exit_error → exited
 *          drain and the error states keep their failures and change no path
 * ```
 * @module
 */

/** The state of a bus. A state is also a channel: its listeners run when it is entered; then it has settled. */
export type State =
  | "initial"
  | "enter"
  | "idle"
  | "start"
  | "run"
  | "drain"
  | "stop"
  | "exit"
  | "exited"
  | "start_error"
  | "stop_error"
  | "exit_error";

/** The goal of a request. A stronger goal overtakes a weaker one: `exit > restart > stop > graceful > start`. */
export type Goal = "start" | "stop" | "exit" | "graceful" | "restart";

/** The states with a deadline of their own; every other state shares `settle`. */
export type TimedState = "enter" | "start" | "drain" | "stop" | "exit";

/** Where each state may lead; the last of the list is where a failure leads. */
const EDGES: Readonly<Record<State, readonly State[]>> = {
  initial: ["enter"],
  enter: ["idle", "stop_error"],
  idle: ["start", "exit", "stop_error"],
  start: ["run", "drain", "start_error"],
  run: ["drain", "start_error"],
  drain: ["stop"],
  stop: ["idle", "stop_error"],
  exit: ["exited", "exit_error"],
  exited: [],
  start_error: ["drain"],
  stop_error: ["exit"],
  exit_error: ["exited"],
};

/** All states, in the order of a life. */
export const STATES: readonly State[] = Object.keys(EDGES) as State[];

/** The last state of each goal. */
export const LAST: Readonly<Record<Goal, State>> = {
  start: "run",
  stop: "idle",
  exit: "exited",
  graceful: "run",
  restart: "exited",
};

/** The goals from the weakest to the strongest. */
export const GOALS: readonly Goal[] = ["start", "graceful", "stop", "restart", "exit"];

/** Whether the first goal overtakes the second, or is the same. */
export function atLeast(goal: Goal, other: Goal): boolean {
  return GOALS.indexOf(goal) >= GOALS.indexOf(other);
}

/** Whether a goal ends the bus. */
export function isEnd(goal: Goal | undefined): boolean {
  return goal === "exit" || goal === "restart";
}

/** Whether `state` is on the way up, where listeners of guests may keep nobody waiting. */
export function isOpening(state: State): boolean {
  return state === "enter" || state === "idle" || state === "start" || state === "run";
}

/** Whether a failure in `state` changes the path. */
export function mayFail(state: State): boolean {
  return EDGES[state].some((next) => next.endsWith("_error"));
}

/** The state that follows `state` on the way to `goal`; undefined where the bus rests. */
export function nextState(state: State, failed: boolean, goal: Goal | undefined): State | undefined {
  if (failed && mayFail(state)) return EDGES[state].at(-1);
  switch (state) {
    case "initial":
      return goal === undefined || goal === "stop" ? undefined : "enter";
    case "idle":
      if (goal === undefined || goal === "stop") return undefined;
      return isEnd(goal) ? "exit" : "start";
    case "start":
      return goal === "start" ? "run" : "drain";
    case "run":
      return goal === undefined || goal === "start" ? undefined : "drain";
    default:
      return EDGES[state][0];
  }
}

/** The states that can still come after `state`, where the bus is bound for its end or not. */
export function statesAfter(state: State, ending: boolean): ReadonlySet<State> {
  const found = new Set<State>();
  const visit = (from: State) => {
    for (const next of EDGES[from]) {
      if (found.has(next) || (ending && (next === "run" || (from === "idle" && next === "start")))) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(state);
  return found;
}
