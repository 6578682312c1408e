/** The rules of deadlines, notices, force and frozen time. @module */
import { type Mutation, mutationsOf } from "./mutation.ts";

export const DEADLINES: readonly Mutation[] = mutationsOf({
  "the signal aborts 10 % before the end": [
    `(this.#end - this.start) / 10)`,
    `(this.#end - this.start) / 5)`,
  ],
  "the signal aborts 250 ms before the end at most": [`const MERCY_MS = 250;`, `const MERCY_MS = 2_500;`],
  "the signal aborts before the end": [`const MERCY_MS = 250;`, `const MERCY_MS = 0;`],
  "extending ends at atMost": [`Math.min(before + ms, this.#latest)`, `before + ms`],
  "extending doubles a deadline at most": [`2 * this.of(state)`, `3 * this.of(state)`],
  "extending ends at a notice": [
    `    this.#end = Math.min(this.#end, this.#latest);\n`,
    `    this.#end = Math.min(this.#end, this.#latest);\n    this.#latest = Infinity;\n`,
  ],
  "out of time no listener is awaited": [
    `if ((own ?? deadline)?.over) {`,
    `if ((own ?? deadline)?.over && Math.abs(0)) {`,
  ],
  "out of time no state is skipped": [
    `(this.deadline!.aborted === "request" ||`,
    `(this.deadline!.aborted !== undefined ||`,
  ],
  "a listener's own time ends that listener alone": [
    `if (own) own.onOver = () => leaveSoon(call);`,
    `if (own) own.onOver = () => deadline!.finish();`,
  ],
  "a listener's own signal aborts with the phase's": [
    `if (whole.aborted) this.abort(whole.reason, whole.aborted);`,
    ``,
  ],
  "a missed deadline is a failure": [`: this.#isAbandoning ? "abort" : "timeout";`, `: "abort";`],
  "what a request aborted has not failed": [
    `return by === "request" ? "abort" : "timeout";`,
    `return by === "request" ? "throw" : "timeout";`,
  ],
  "what rejects by the clock's abort is a timeout": [
    `return by === "request" ? "abort" : "timeout";`,
    `return by === "request" ? "abort" : "throw";`,
  ],
  "a late listener is named until it settles": [`    this.#host.late.add(call);\n`, ``],
  "a late listener that settles is told of": [
    `const fields = { event: "late", listener`,
    `const fields = { event: "settled", listener`,
  ],
  "a notice only shortens": [`if (end >= this.#notice.end) return false;`, ``],
  "a notice leaves exit a fifth at most": [`Math.min(most.exit, leftMs / 5)`, `most.exit`],
  "a notice leaves exit no more than its own": [`Math.min(most.exit, leftMs / 5)`, `leftMs / 5`],
  "a notice leaves stop half of the rest": [`Math.min(most.stop, (leftMs - exit) / 2)`, `most.stop`],
  "a notice leaves stop no more than its own": [
    `Math.min(most.stop, (leftMs - exit) / 2)`,
    `(leftMs - exit) / 2`,
  ],
  "a notice shortens what runs": [
    `    this.#underWay.deadline?.limit(limits.noticed(state));\n`,
    ``,
  ],
  "a notice shortens what is still to come": [`  deadline.limit(limits.noticed(state));\n`, ``],
  "a notice of no time ends what is overdue": [
    `if (this.#latest >= this.#end && end > now) return;`,
    `if (this.#latest >= this.#end) return;`,
  ],
  "a second signal forces": [
    `this.request("exit", { ...reason, leftMs: 0 });`,
    `this.request("exit", reason);`,
  ],
  "signals within 500 ms are one": [`const FOLD_MS = 500;`, `const FOLD_MS = 100;`],
  "a signal after 500 ms is the second": [`const FOLD_MS = 500;`, `const FOLD_MS = 700;`],
  "signals are published before anything is done": [
    `      core.publishSync(core.channel("signal"), [reason]);\n`,
    ``,
  ],
  "frozen time moves the end": [
    `      if (late > FROZEN_MS) this.#forgive(late);\n`.replace("      ", "        "),
    ``,
  ],
  "a busy thread is no frozen process": [`const FROZEN_MS = 1_000;`, `const FROZEN_MS = 10;`],
  "frozen time moves the end by settle at most": [`Math.min(ms, this.#forgives, room)`, `Math.min(ms, room)`],
  "frozen time moves no end past a notice": [
    `Math.min(ms, this.#forgives, room)`,
    `Math.min(ms, this.#forgives)`,
  ],
  "frozen time is given back once": [`    this.#forgives -= given;\n`, ``],
  "frozen time makes no endless deadline NaN": [
    `this.#limit === Infinity ? Infinity : this.#limit - this.#end`,
    `this.#limit - this.#end`,
  ],
  "once exit was asked, what is under way has the time of settle": [
    `    if (isEnd(goal)) this.#underWay.bound(state, settled);\n`,
    ``,
  ],
  "once exit was asked, errands have no time of their own": [
    `this.#allowance === Infinity || !isErrand && ENDING.includes(what)`,
    `true || !isErrand && ENDING.includes(what)`,
  ],
  "once exit was asked, all others share the time of settle": [
    `    this.#allowance = Math.max(0, this.#allowance - (now - this.#usedSince));\n`,
    ``,
  ],
  "the parts of an errand share the time of settle": [
    `    // An errand may have several parts, one after another, and they share the time.\n    this.ended(now);\n`,
    ``,
  ],
  "the deadlines of drain, stop and exit stay once exit was asked": [
    `const ENDING: readonly string[] = ["drain", "stop", "exit"];`,
    `const ENDING: readonly string[] = ["exit"];`,
  ],
  "the host's time is compared once": [`    this.#hasWarned = true;\n`, ``],
  "the application's deadlines win over the platform's": [
    `{ ...defaults?.[field], ...options[field] }`,
    `{ ...options[field], ...defaults?.[field] }`,
  ],
  "a clock that fails in a timer ends the phase": [
    `        // The clock has failed: nothing is timed any more.\n        this.finish();`,
    `        void 0;`,
  ],
  "a thread that was busy leaves a turn to settle": [
    `if (now >= this.#end && !(fromTimer && aborts)) return this.finish();`,
    `if (now >= this.#end) return this.finish();`,
  ],
});
