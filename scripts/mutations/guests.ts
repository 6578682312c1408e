/** The rules of guests. @module */
import { type Mutation, mutationsOf } from "./mutation.ts";

export const GUESTS: readonly Mutation[] = mutationsOf({
  "a guest has no right but those given": [`return this.#rights.includes(right);`, `return true;`],
  "a guest's rights are copied": [`  const own = [...rights];\n`, `  const own = rights;\n`],
  "a guest's listeners come after the host's": [`if (!a.owner !== !b.owner) return a.owner ? 1 : -1;`, ``],
  "a guest sees its own records alone": [
    `if (this.#core.ownerOf(record) === this.#owner) return`,
    `if (record) return`,
  ],
  "a guest's record is a copy": [
    `return listener(Object.freeze({ ...record }));`,
    `return listener(record);`,
  ],
  "a guest forges no record of the bus": [`    for (const field of RESERVED) delete own[field];\n`, ``],
  "a guest's failure fails no start": [
    `entries.filter(({ owner }) => !owner || owner.isCritical) : entries;`,
    `entries : entries;`,
  ],
  "a guest's failure counts for no transition": [
    `if (owner && !(this.#rules.counts?.(owner) ?? owner.isCritical)) return;`,
    ``,
  ],
  "the start of a guest's component is its own": [
    `return owner !== undefined && !owner.isCritical;`,
    `return false;`,
  ],
  "a guest vetoes no reload": [`steps.filter(({ owner }) => !owner || owner.mayVeto),`, `steps,`],
  "a guest without a veto reloads after the host": [
    `this.#host.guests?.reloaded(steps.filter`,
    `void (steps.filter`,
  ],
  "a guest holds up no publish": [
    `hosts === entries.length ? entries : entries.slice(0, hosts), {`,
    `entries, {`,
  ],
  "a guest lengthens no phase": [
    `      rights.refuseExtend();\n      return 0;`,
    `      return phase.extend(1_000);`,
  ],
  "a guest's reason is a copy": [`    reason: copyReason(phase.reason),`, `    reason: phase.reason,`],
  "a guest's reason has no error of the host": [
    `export function copyReason({ error: _, ...reason }: Reason): Reason {`,
    `export function copyReason({ ...reason }: Reason): Reason {`,
  ],
  "a guest's phase has a signal of its own": [
    `return signal ??= copySignal(phase.signal);`,
    `return phase.signal;`,
  ],
  "a guest's signal aborts with a copy of the reason": [
    `controller.abort(copyAbort(reason));`,
    `controller.abort(reason);`,
  ],
  "a guest's reload details are a copy": [`    details: copyData(details),`, `    details,`],
  "a guest's restart plan is a copy": [`listener(copyData(plan));`, `listener(plan);`],
  "what a guest is given is frozen": [`  if (!ArrayBuffer.isView(value)) Object.freeze(value);\n`, ``],
  "a guest depends on its own alone": [`return found?.owner === owner ? found : undefined;`, `return found;`],
  "the end of a guest's work does not end the host": [
    `    if (mayExit || signal.aborted) return;\n`,
    `    return;\n`,
  ],
  "a guest's name has no slash": [`  if (name.includes("/")) throw`, `  if (name.includes("//")) throw`],
  "a guest that closes takes off its listeners": [`    this.#core.removeOf(this.#owner);\n`, ``],
  "a guest that closes holds nothing": [
    `    this.#engine.held.clear(this.#owner);\n`,
    ``,
  ],
  "a guest that closes waits for nothing": [`    releases.push(onAbort(this.#closing.signal, abort));\n`, ``],
  "a guest that has closed asks for nothing": [
    `    if (this.#isClosed) return rejected(this.#closedError());\n    if (!this.#may(goal))`,
    `    if (!this.#may(goal))`,
  ],
  "a guest's component that comes up while the bus stops is stopped": [
    `} else if (!this.#host.mayComeUp) {`,
    `} else if (Math.abs(0)) {`,
  ],
  "the starts of guests end with the run": [
    `      this.guests?.ending(error);\n`,
    ``,
  ],
});
