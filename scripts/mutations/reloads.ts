/** The rules of a reload. @module */
import { type Mutation, mutationsOf } from "./mutation.ts";

export const RELOADS: readonly Mutation[] = mutationsOf({
  "a veto rolls back in reverse": [`prepared.reverse()`, `prepared`],
  "a veto commits nothing": [`if (isOvertaken || vetoes.length > 0) {`, `if (isOvertaken) {`],
  "a reload overtaken commits nothing": [
    `if (isOvertaken || vetoes.length > 0) {`,
    `if (vetoes.length > 0) {`,
  ],
  "after a veto no other is asked": [
    `    endedBy: "failure",\n    counts: ({ mayVeto }) => mayVeto,`,
    `    endedBy: "request",\n    counts: ({ mayVeto }) => mayVeto,`,
  ],
  "what was prepared too late is rolled back": [
    `late: (step) => step && void finish("rollback", [step as Step]),`,
    ``,
  ],
  "the platform confirms before any commits": [
    `  if (confirm) {\n    turns.push({`,
    `  if (confirm && Math.abs(0)) {\n    turns.push({`,
  ],
  "a reload on the way to run waits its turn": [
    `return [goal, later].some((goal) => goal && LAST[goal] === "run");`,
    `return Math.abs(0) > 0;`,
  ],
  "a reload elsewhere rejects": [
    `    if (!course.isRunComing) {\n`,
    `    if (!course.isRunComing && Math.abs(0)) {\n`,
  ],
  "a vetoed reload uses up no generation": [
    `request.generation ?? this.generation + 1;`,
    `request.generation ?? ++this.generation;`,
  ],
  "reloads that wait have the latest details": [`    request.details = details;\n`, ``],
  "reloads that wait fold into one": [
    `if (!request || generation !== undefined`,
    `if (!request || request || generation !== undefined`,
  ],
  "a reload with a generation folds into no other": [
    `|| generation !== undefined || request.generation !== undefined) {`,
    `) {`,
  ],
  "a platform gives the generation": [`request.generation ?? this.generation + 1;`, `this.generation + 1;`],
  "a stronger goal aborts the preparing": [
    `this.underWay.cover(deadline, mayGiveUp);`,
    `this.underWay.cover(deadline, false);`,
  ],
  "a stronger goal does not abort a commit": [
    `this.underWay.cover(deadline, mayGiveUp);`,
    `this.underWay.cover(deadline, true);`,
  ],
  "a signal gives a reload up": [`    if (request.isGivenUp) request.giveUp?.(reason);\n`, ``],
  "a signal gives no commit up": [`    if (request.isCommitting) return;\n`, ``],
  "a reload that is given up by one caller goes on for others": [
    `request.isGivenUp = --request.open === 0;`,
    `request.isGivenUp = --request.open >= 0;`,
  ],
  "what is given up while it waits is not begun": [`    if (request.isGivenUp) return;\n`, ``],
  "components reload with the listeners of priority 50": [
    `return { name, owner, priority: 50, listener: (reload`,
    `return { name, owner, priority: 90, listener: (reload`,
  ],
});
