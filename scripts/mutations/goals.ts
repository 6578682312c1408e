/** The rules of states, goals and the promises of calls. @module */
import { type Mutation, mutationsOf } from "./mutation.ts";

const order = `["start", "graceful", "stop", "restart", "exit"]`;

export const GOALS: readonly Mutation[] = mutationsOf({
  "exit is stronger than restart": [order, `["start", "graceful", "stop", "exit", "restart"]`],
  "restart is stronger than stop": [order, `["start", "graceful", "restart", "stop", "exit"]`],
  "stop is stronger than graceful": [order, `["start", "stop", "graceful", "restart", "exit"]`],
  "graceful is stronger than start": [order, `["graceful", "start", "stop", "restart", "exit"]`],
  "graceful is idle and run again": [
    `goal === undefined || goal === "start" ? undefined : "drain"`,
    `goal === undefined || goal === "start" || goal === "graceful" ? undefined : "drain"`,
  ],
  "a failing enter leads to stop_error": [`["idle", "stop_error"],\n  idle`, `["idle"],\n  idle`],
  "a failing start leads to start_error": [`["run", "drain", "start_error"]`, `["run", "drain"]`],
  "a failing run leads to start_error": [`run: ["drain", "start_error"]`, `run: ["drain"]`],
  "a failing drain changes no path": [`drain: ["stop"]`, `drain: ["stop", "stop_error"]`],
  "a failing stop leads to stop_error": [`stop: ["idle", "stop_error"]`, `stop: ["idle"]`],
  "stop_error leads to exit": [`stop_error: ["exit"]`, `stop_error: ["idle"]`],
  "a failing exit leads to exit_error": [`["exited", "exit_error"]`, `["exited"]`],
  "a weaker goal waits for its turn": [`this.later = goal;`, `void goal;`],
  "a weaker goal does not overtake": [`this.later = goal;`, `this.goal = goal;`],
  "a stronger goal puts an end to what waits": [
    `if (this.later && atLeast(goal, this.later)) this.later = undefined;`,
    ``,
  ],
  "once exit was asked a weaker goal rejects": [
    `if (isEnd(this.goal) && !atLeast(goal, this.goal!)) {`,
    `if (Math.abs(0) && !atLeast(goal, this.goal!)) {`,
  ],
  "exited is final": [
    `if (state === "exited") return new TransitionError(`,
    `if (state === "initial" && state !== "initial") return new TransitionError(`,
  ],
  "stop before any start enters nothing": [
    `if (goal === "stop") return state !== "run";`,
    `if (goal === "stop") return state === "idle";`,
  ],
  "a stronger goal aborts what is under way": [
    `    this.deadline?.abort(error, "request");\n    this.deadline?.tighten`,
    `    this.deadline?.tighten`,
  ],
  "exit aborts enter and idle": [
    `!(isOpening && isEnd(this.goal))) return;`,
    `!(isOpening && Math.abs(0))) return;`,
  ],
  "stop and graceful let enter and idle finish": [
    `!(isOpening && isEnd(this.goal))) return;`,
    `!isOpening) return;`,
  ],
  "what is given up is waited for no longer than settle": [
    `    this.deadline?.tighten(this.#core.clock.now() + this.#limits.of("settle"));\n`,
    ``,
  ],
  "a failing start begins no other": [
    `const endedBy = state === "enter" || state === "start" ?`,
    `const endedBy = state === "enter" ?`,
  ],
  "a failing enter begins no other": [
    `const endedBy = state === "enter" || state === "start" ?`,
    `const endedBy = state === "start" ?`,
  ],
  "a failing start gives up those under way": [
    `if (this.#rules.endedBy === "failure") this.deadline!.abort(failure.error, "request");`,
    ``,
  ],
  "a failing start leads to exit": [
    `hasBegun && this.#onStartFailure === "idle" ? "stop" : "exit"`,
    `hasBegun ? "stop" : "exit"`,
  ],
  "with onStartFailure idle the bus stays at idle": [
    `hasBegun && this.#onStartFailure === "idle" ? "stop" : "exit"`,
    `hasBegun ? "exit" : "exit"`,
  ],
  "a failing stop leads to exit whatever onStartFailure says": [
    `hasBegun && this.#onStartFailure === "idle"`,
    `this.#onStartFailure === "idle"`,
  ],
  "wait skips a pass that leads to an error": [`always || !failed && !isGivenUp`, `always || !isGivenUp`],
  "wait skips a pass that was given up": [`always || !failed && !isGivenUp`, `always || !failed`],
  "drain and the error states always count for wait": [
    `state === "drain" || state === "exited" || state.endsWith("_error")`,
    `state === "exited"`,
  ],
  "wait rejects when no state can come any more": [
    `(ending && (next === "run" || (from === "idle" && next === "start")))`,
    `(false)`,
  ],
  "a call rejects with the failures on its way": [
    `this.waiters.pass(state, this.#failures.length > 0)`,
    `this.waiters.pass(state, false)`,
  ],
  "a restart rejects with the failures on its way": [
    `if (!isRestart) this.#failures = [];`,
    `this.#failures = [];`,
  ],
  "a stop overtaken by exit resolves": [`|| isEnd(goal) && asked === "stop") continue;`, `) continue;`],
  "a start during graceful resolves": [`      if (goal === "graceful" && asked === "start") continue;\n`, ``],
  "a call out of reach rejects at once": [
    `    this.#waiters.supersede(goal, state);\n`,
    ``,
  ],
  "exit cancels a restart": [
    `if (!asked || asked === goal || !atLeast`,
    `if (!asked || LAST[asked] === LAST[goal] || !atLeast`,
  ],
  "a call that waits is served by its own transition": [
    `const isQueued = this.goal !== undefined && !atLeast(goal, this.goal) &&`,
    `const isQueued = this.goal === null &&`,
  ],
  "running aborts when drain begins": [
    `if (state === "drain" || state === "exit") {`,
    `if (state === "exit") {`,
  ],
  "running is a new signal with each start": [
    `if (this.runs.aborted) this.runs = new Deadline(core.clock, "run", Infinity);`,
    ``,
  ],
  "asking from inside does not wait": [
    `    if (this.#underWay.isInside()) {\n      this.request`,
    `    if (this.#underWay.isInside() && Math.abs(0)) {\n      this.request`,
  ],
  "hold keeps drain open": [
    `this.#items.size === 0 ? undefined : new Promise<void>`,
    `this.#items.size >= 0 ? undefined : new Promise<void>`,
  ],
  "what was held and is late holds no other drain": [`if (state === "drain") this.held.clear();`, ``],
  "the failure of something held is logged": [
    `      if (failed) {\n        const message = \`The held promise`,
    `      if (failed && Math.abs(0)) {\n        const message = \`The held promise`,
  ],
  "a wait with a signal gives up": [`release = signal && onAbort(signal, reject);`, ``],
  "a wait that is over leaves no timer": [
    `    waiters.leave(waiter);\n    disarm?.();`,
    `    waiters.leave(waiter);`,
  ],
});
