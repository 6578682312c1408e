/**
 * One way to break each priority rule of design.md, section 4. `find` is text that is in `file` exactly once.
 * @module
 */

/** One textual replacement in one file of the core. */
export interface Mutation {
  /** The rule that it breaks. */
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const order = `["start", "graceful", "stop", "restart", "exit"]`;

/** The rules of one file, each with what it reads and what it is broken to. */
function inFile(
  file: string,
  rules: Readonly<Record<string, readonly [find: string, replace: string]>>,
): Mutation[] {
  return Object.entries(rules).map(([name, [find, replace]]) => ({
    name,
    file: `src/${file}`,
    find,
    replace,
  }));
}

export const mutations: readonly Mutation[] = [
  ...inFile("states.ts", {
    "exit is stronger than restart": [order, `["start", "graceful", "stop", "exit", "restart"]`],
    "restart is stronger than stop": [order, `["start", "graceful", "restart", "stop", "exit"]`],
    "stop is stronger than graceful": [order, `["start", "stop", "graceful", "restart", "exit"]`],
    "graceful is stronger than start": [order, `["graceful", "start", "stop", "restart", "exit"]`],
    "graceful is idle and run again": [
      `goal === undefined || goal === "start" ? undefined : "drain"`,
      `goal === undefined || goal === "start" || goal === "graceful" ? undefined : "drain"`,
    ],
    "a failing enter leads to stop_error": [`["idle", "stop_error"],\n  idle`, `["idle"],\n  idle`],
    "a failing run leads to start_error": [`["drain", "start_error"]`, `["drain"]`],
    "a failing drain changes no path": [`drain: ["stop"]`, `drain: ["stop", "stop_error"]`],
    "stop_error leads to exit": [`stop_error: ["exit"]`, `stop_error: ["idle"]`],
    "a failing exit leads to exit_error": [`["exited", "exit_error"]`, `["exited"]`],
  }),
  ...inFile("engine.ts", {
    "a weaker goal waits for its turn": [`this.later = goal;`, `void goal;`],
    "a weaker goal does not overtake": [`this.later = goal;`, `this.goal = goal;`],
    "a stronger goal puts an end to what waits": [
      `if (this.later && atLeast(goal, this.later)) this.later = undefined;`,
      ``,
    ],
    "once exit was asked a weaker goal rejects": [`isEnd(this.goal) && !atLeast(goal, this.goal!)`, `false`],
    "exited is final": [
      `if (this.state === "exited") return this.error`,
      `if (Math.abs(0)) return this.error`,
    ],
    "stop before any start enters nothing": [`? state !== "run"`, `? state === "idle"`],
    "a stronger goal aborts what is under way": [
      `this.deadline?.abort(namedError("AbortError"`,
      `void (namedError("AbortError"`,
    ],
    "exit aborts enter and idle": [`opening && isEnd(goal)`, `false`],
    "stop and graceful let enter and idle finish": [`opening && isEnd(goal)`, `opening`],
    "what is given up is waited for no longer than settle": [
      `this.deadline?.tighten(this.core.clock.now() + this.limits.of("settle"));`,
      ``,
    ],
    "a notice shortens what runs": [`this.deadline?.tighten(this.limits.end(this.state));`, ``],
    "a notice shortens what is still to come": [`deadline.tighten(this.limits.end(state));`, ``],
    "out of time no state is skipped": [
      `ended: ({ length }) => deadline.aborted === "request"`,
      `ended: ({ length }) => deadline.aborted`,
    ],
    "a failing start begins no other": [
      `const first = state === "enter" || state === "start";`,
      `const first = state === "enter";`,
    ],
    "a failing enter begins no other": [
      `const first = state === "enter" || state === "start";`,
      `const first = state === "start";`,
    ],
    "a failing start gives up those under way": [
      `first && deadline.abort(error`,
      `false && deadline.abort(error`,
    ],
    "a failing start leads to exit": [
      `started && this.#onStartFailure === "idle" ? "stop" : "exit"`,
      `started ? "stop" : "exit"`,
    ],
    "with onStartFailure idle the bus stays at idle": [
      `started && this.#onStartFailure === "idle" ? "stop" : "exit"`,
      `started ? "exit" : "exit"`,
    ],
    "a failing stop leads to exit whatever onStartFailure says": [
      `started && this.#onStartFailure === "idle"`,
      `this.#onStartFailure === "idle"`,
    ],
    "wait skips a pass that leads to an error": [`always || !failed && !givenUp`, `always || !givenUp`],
    "wait skips a pass that was given up": [`this.#mayGiveUp && this.goal !== "start"`, `false`],
    "drain and the error states always count for wait": [
      `state === "drain" || state === "exited" || state.endsWith("_error")`,
      `state === "exited"`,
    ],
    "a call rejects with the failures on its way": [
      `this.calls.pass(state, this.failures.length > 0)`,
      `this.calls.pass(state, false)`,
    ],
    "a restart rejects with the failures on its way": [
      `if (!restart) this.failures = [];`,
      `this.failures = [];`,
    ],
    "the first code that is not 0 counts": [
      `this.code ||= reason.code ?? 0;`,
      `this.code = reason.code ?? this.code;`,
    ],
    "running aborts when drain begins": [`state === "drain" || state === "exit") {`, `state === "exit") {`],
    "asking from inside does not wait": [`if (this.isInside()) {`, `if (this.isInside() && Math.abs(0)) {`],
  }),
  ...inFile("_held.ts", {
    "hold keeps drain open": [`while (this.#promises.size > 0)`, `while (this.#promises.size < 0)`],
  }),
  ...inFile("_calls.ts", {
    "a stop overtaken by exit resolves": [`isEnd(goal) && call.goal === "stop"`, `false`],
    "a start during graceful resolves": [`goal === "graceful" && call.goal === "start"`, `false`],
    "a call out of reach rejects at once": [`if (!reaches) {`, `if (!reaches && Math.abs(0)) {`],
    "exit cancels a restart": [`call.goal === goal ||`, `LAST[call.goal] === LAST[goal] ||`],
    "a call that waits is served by its own transition": [
      `const queued = present !== undefined`,
      `const queued = present === null`,
    ],
  }),
  ...inFile("_limits.ts", {
    "a notice only shortens": [`if (end >= this.#notice.end) return false;`, ``],
    "a notice leaves exit a fifth at most": [`Math.min(this.of("exit"), leftMs / 5)`, `this.of("exit")`],
    "a notice leaves exit no more than its own": [`Math.min(this.of("exit"), leftMs / 5)`, `leftMs / 5`],
    "a notice leaves stop half of the rest": [
      `Math.min(this.of("stop"), (stop - now) / 2)`,
      `this.of("stop")`,
    ],
    "a notice leaves stop no more than its own": [
      `Math.min(this.of("stop"), (stop - now) / 2)`,
      `(stop - now) / 2`,
    ],
    "extending doubles a deadline at most": [`2 * this.of(state)`, `3 * this.of(state)`],
  }),
  ...inFile("deadline.ts", {
    "the signal aborts 10 % before the end": [`Math.min(250, ms / 10)`, `Math.min(250, ms / 5)`],
    "the signal aborts 250 ms before the end at most": [`Math.min(250, ms / 10)`, `ms / 10`],
    "the signal aborts before the end": [`Math.min(250, ms / 10)`, `0`],
    "extending ends at atMost": [`Math.min(this.#end + ms, this.#most)`, `this.#end + ms`],
    "extending ends at a notice": [
      `this.#end = this.#most;`,
      `this.#end = this.#most;\n    this.#most = Infinity;`,
    ],
    "out of time nothing is awaited": [
      `if (this.over) return leave(call);`,
      `if (this.over && Math.abs(0)) return leave(call);`,
    ],
    "out of time the signal has aborted": [
      `if (aborts) {`,
      `if (aborts && (fromTimer || now < this.#end)) {`,
    ],
    "out of time the signal of a listener's own deadline has aborted": [
      `if (parent?.aborted)`,
      `if (parent?.aborted && Math.abs(0))`,
    ],
  }),
  ...inFile("_control.ts", {
    "a second signal forces": [`{ ...reason, leftMs: 0 }`, `reason`],
    "signals within 500 ms are one": [`const FOLD_MS = 500;`, `const FOLD_MS = 100;`],
    "a signal after 500 ms is the second": [`const FOLD_MS = 500;`, `const FOLD_MS = 700;`],
  }),
  ...inFile("_leave.ts", {
    "the forcing signal's code comes before the child's": [`signaled ?? child ??`, `child ?? signaled ??`],
    "the child's code comes before that asked for": [
      `child ?? (engine.code || (engine.failed ? 70 : 0))`,
      `(engine.code || (child ?? (engine.failed ? 70 : 0)))`,
    ],
    "the code asked for comes before a failure's 70": [
      `engine.code || (engine.failed ? 70 : 0)`,
      `engine.failed ? 70 : engine.code`,
    ],
    "a failure is the code 70": [`engine.failed ? 70 : 0`, `0`],
  }),
  ...inFile("_components.ts", {
    "a component starts after those it depends on": [
      `if (!other.isDue) continue;`,
      `if (!other.isDue || action === "start") continue;`,
    ],
    "a component stops before those it depends on": [
      `if (!other.isDue) continue;`,
      `if (!other.isDue || action === "stop") continue;`,
    ],
    "a failed stop is never started again": [`!node.isUp && node.status !== "failed"`, `!node.isUp`],
    "the end of a component's run asks for exit": [`this.engine.ended(`, `void (`],
  }),
  ...inFile("_node.ts", {
    "what did not start is not stopped": [
      `else this.status = "down";\n      return;`,
      `else risen.add(this), this.status = "up";\n      return;`,
    ],
    "a start left late is waited for": [
      `if (result.late && ioOutsideRequests)`,
      `if (result.late && !ioOutsideRequests)`,
    ],
    "a start that ended with its request is not waited for": [
      `if (result.late && ioOutsideRequests)`,
      `if (result.late)`,
    ],
    "what came up too late is stopped at once": [
      `if ("value" in settled) await this.#stopLate(settled.value);`,
      ``,
    ],
  }),
  ...inFile("channel.ts", {
    "within ends one listener alone": [`this.own ?? deadline;`, `deadline;`],
    "a missed deadline is a failure": [`text), "timeout")`, `text), "abort")`],
    "what a request aborted has not failed": [
      `=== "request" ? "abort" : "timeout"`,
      `=== "request" ? "throw" : "timeout"`,
    ],
  }),
  ...inFile("reload.ts", {
    "a veto rolls back in reverse": [`prepared.reverse()`, `prepared`],
    "a veto commits nothing": [`!overtaken && failures.length === 0`, `!overtaken`],
    "a reload overtaken commits nothing": [`!overtaken && failures.length === 0`, `failures.length === 0`],
    "after a veto no other is asked": [`failures.length > 0 || deadline.aborted`, `deadline.aborted`],
    "a failing commit stops no other": [
      `core.logFailed(await channel.outcome({ name, deadline, body: () => within(() => made[step]?.()) }));`,
      `const result = await channel.outcome({ name, deadline, body: () => within(() => made[step]?.()) });
      core.logFailed(result);
      if ("failure" in result) return;`,
    ],
  }),
  ...inFile("_errands.ts", {
    "a reload on the way to run waits its turn": [`!coming && (goal`, `(goal`],
    "a vetoed reload uses up no generation": [
      `const generation = this.generation + 1;`,
      `const generation = ++this.generation;`,
    ],
    "reloads that wait have the latest details": [`this.#reload.details = details;`, ``],
    "reloads that wait fold into one": [`if (this.#reload) {`, `if (this.#reload && Math.abs(0)) {`],
    "a stronger goal aborts the preparing": [`name === "prepare")`, `false)`],
    "a stronger goal does not abort a commit": [`name === "prepare")`, `true)`],
    "a component is not removed from under others": [`components.release(node);`, ``],
  }),
];
