/** The rules of components. @module */
import { type Mutation, mutationsOf } from "./mutation.ts";

export const COMPONENTS: readonly Mutation[] = mutationsOf({
  "a component starts after those it depends on": [
    `        if (other.due !== action) continue;`,
    `        if (other.due !== action || starts) continue;`,
  ],
  "a component stops before those it depends on": [
    `        if (other.due !== action) continue;`,
    `        if (other.due !== action || !starts) continue;`,
  ],
  '"all" is after every component that does not say "all" itself': [
    `other.dependsOn !== "all" && (owner ?`,
    `other.dependsOn === "never" as string && (owner ?`,
  ],
  "only what is up is stopped": [
    `return this.list().filter(isRanked).sort(byRank);`,
    `return this.list().sort(byRank);`,
  ],
  "stop is the reverse of the start": [
    `return this.#order("stop", this.up().reverse());`,
    `return this.#order("stop", this.up());`,
  ],
  "a failed stop is never started again": [
    `return !isUp && status !== "failed" && status !== "stopping";`,
    `return !isUp && status !== "stopping";`,
  ],
  "a cycle is named": [
    `    if (path.has(member)) {`,
    `    if (path.has(member) && Math.abs(0)) {`,
  ],
  "a missing component is named": [`      if (!found && all) {`, `      if (!found && Math.abs(0)) {`],
  "names and cycles are checked before anything starts": [
    `turns.unshift({ name: "components", listener: () => members.verify() });`,
    ``,
  ],
  "a name twice is an error": [
    `    if (this.#members.has(name)) {`,
    `    if (this.#members.has(name) && Math.abs(0)) {`,
  ],
  "components run at priority 50, before plain listeners": [
    `owner || priority >= COMPONENTS`,
    `owner || priority > COMPONENTS`,
  ],
  "drain runs all at once": [
    `if (member.isUp) addDrain(member, steps);`,
    `if (member.isUp && steps.length === 0) addDrain(member, steps);`,
  ],
  "a start has its own time": [
    `this.#times = { start: startWithin, drain: drainWithin, stop: stopWithin };`,
    `this.#times = { start: undefined, drain: drainWithin, stop: stopWithin };`,
  ],
  "a drain has its own time": [
    `this.#times = { start: startWithin, drain: drainWithin, stop: stopWithin };`,
    `this.#times = { start: startWithin, drain: undefined, stop: stopWithin };`,
  ],
  "a stop has its own time": [
    `this.#times = { start: startWithin, drain: drainWithin, stop: stopWithin };`,
    `this.#times = { start: startWithin, drain: drainWithin, stop: undefined };`,
  ],
  "the end of a component's run asks for exit": [
    `    ended(host, member, failure);\n`,
    ``,
  ],
  "the good end of a job is the end of the program": [
    `if (!failure && isJob) {`,
    `if (!failure && isJob && Math.abs(0)) {`,
  ],
  "the failure of a job is a failure": [`if (!failure && isJob) {`, `if (isJob) {`],
  "drain waits for the end of the work": [`  steps.push({ name, owner, listener });\n`, ``],
  "work ends when the run ends": [`Infinity, { whole: runs })`, `Infinity)`],
  "a start left late is waited for by the next": [`if (this.#lateStart) return this.#startLater(phase);`, ``],
  "a start that ends late is waited for until it is stopped": [
    `    const over = () => {\n      if (start) this.#lateStart = undefined;`,
    `    this.#lateStart = undefined;\n    const over = () => {\n      if (start) this.#lateStart = undefined;`,
  ],
  "a start that came up late is stopped in its order": [
    `    return round.add({\n      name,`,
    `    return void ({\n      name,`,
  ],
  "what a late start depends on is stopped after it": [
    `      done,\n    }, waiting);`,
    `      done,\n    }, []);`,
  ],
  "a late start is stopped once while the bus lives": [
    `  new Round(core, "stop", [step],`,
    `  new Round(core, "stop", [],`,
  ],
  "a late start is stopped before a further one begins": [
    `|| start.turn !== this.#host.startTurn;`,
    `;`,
  ],
  "a start whose driver died is stopped also where another has begun": [
    `const atOnce = !start || start.isAwaited`,
    `const atOnce = !!start && start.isAwaited`,
  ],
  "a start that ended with its request is not waited for": [
    `failure.kind === "timeout" && this.#host.canEndLate`,
    `failure.kind === "timeout"`,
  ],
  "use in run starts now": [
    `    else joinMember(host, member);\n`,
    ``,
  ],
  'join "next" waits for the next start': [`isLater = member.component.join === "next";`, `isLater = false;`],
  "a late join that fails changes no state": [
    `return this.underWay.perform(action, span, steps);`,
    `return this.underWay.perform(action, span, steps).then((all) => (all.forEach(this.note), all));`,
  ],
  "a component is not removed from under others": [`    members.release(member);\n`, ``],
  "remove ends the work": [
    `    work?.deadline.abort(namedError("AbortError", \`Component "\${name}" is being removed\`), "request");\n`,
    ``,
  ],
  "a resource is disposed of once": [
    `    if (this.isResource && this.status === "down") this.#host.forget(this);\n`,
    ``,
  ],
  "ready rejects where the start failed": [
    `    this.settleStart(true, failure.error);\n    // Where a start`,
    `    // Where a start`,
  ],
  "what was not started says what it waited for": [`      member.tell(error.message, { level });\n`, ``],
  "a check that hangs is not called again": [
    `const isStuck = member.isCheckStuck;`,
    `const isStuck = false;`,
  ],
  "a check that says no is not ready": [
    `component.check!(value, deadline.signal)) === false) {`,
    `component.check!(value, deadline.signal)) === null) {`,
  ],
  "a bus that does not run is not ready": [
    `const ready = runs() && components.every`,
    `const ready = components.every`,
  ],
  "each status is told before its call": [
    '    if (this.#host.core.isHeard) this.tell(`Component "${this.name}" is ${status}`, { level: "debug" });\n',
    "",
  ],
  "a retry ends with its total time": [`if (left < 0 || pause >= phase.left()`, `if (pause >= phase.left()`],
  "a retry asks whether the error may pass": [
    `        if (!await adopted(retryable(error))) throw error;\n`,
    ``,
  ],
});
