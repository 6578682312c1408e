/** The rules of the end: the exit code, a restart, a driver that dies, the bus's own faults. @module */
import { type Mutation, mutationsOf } from "./mutation.ts";

export const ENDS: readonly Mutation[] = mutationsOf({
  "the forcing signal's code comes before the child's": [
    `const code = forced\n`,
    `const code = forced && child === undefined\n`,
  ],
  "the child's code comes before that asked for": [
    `child ?? (asked || (hasFailed ? FAILED : OK))`,
    `(asked || (child ?? (hasFailed ? FAILED : OK)))`,
  ],
  "the code asked for comes before a failure's 70": [
    `asked || (hasFailed ? FAILED : OK)`,
    `hasFailed ? FAILED : asked`,
  ],
  "a failure is the code 70": [
    `hasFailed ? FAILED : OK`,
    `OK`,
  ],
  "a signal without a number is SIGINT": [`const SIGINT = 2;`, `const SIGINT = 3;`],
  "the first code that is not 0 counts": [
    `this.code ||= reason.code ?? OK;`,
    `this.code = reason.code ?? this.code;`,
  ],
  "a restart publishes before the platform respawns": [
    `entries.length > 0 ? entries : [own]`,
    `[...entries, own]`,
  ],
  "a restart without a way rejects at once": [
    `if (goal !== "restart" || respawn ||`,
    `if (goal === "restart" || respawn ||`,
  ],
  "the successor's time ends with a notice": [`  deadline.limit(limits.noticed("exited"));\n`, ``],
  "a second signal ends the waiting for a successor": [
    `  host.underWay.cover(deadline, false);\n  let code`,
    `  let code`,
  ],
  "a failed respawn is a failure": [
    `    failures.forEach((failure) => this.note(failure));\n    this.waiters.rest(this.state, this.#failures, true);`,
    `    this.waiters.rest(this.state, this.#failures, true);`,
  ],
  "the platform may use force soon where a call is late": [
    `isLate ? Math.min(LATE_MS, settle) : settle`,
    `settle`,
  ],
  "abandon fails what its driver ran": [
    `    for (const call of this.calls.slice()) this.leave(call, error);\n`,
    ``,
  ],
  "abandon aborts the signal of what it leaves": [
    `    this.#onEnd = undefined;\n    this.deadline?.abort(error, "request");\n`,
    `    this.#onEnd = undefined;\n`,
  ],
  "abandon leaves no promise held": [
    `    this.errands.abandon(error);\n    this.held.clear();\n`,
    `    this.errands.abandon(error);\n`,
  ],
  "what was abandoned in a step is driven on": [
    `    if (!this.settled || this.course.goal) this.drive();\n`,
    ``,
  ],
  "a step is not driven twice": [`if (!this.#driver && !this.#isStepping) void`, `if (!this.#driver) void`],
  "a platform's pulse that fails stops nothing": [
    `  } catch (error) {\n    fail(error);\n  }`,
    `  } catch (error) {\n    throw error;\n  }`,
  ],
  "block resolves where the platform cannot wait": [
    `.catch(fail).then(() => promise)`,
    `.then(() => promise)`,
  ],
  "a run that cannot begin exits with 70": [`      void this.exit(FAILED);\n`, ``],
});
