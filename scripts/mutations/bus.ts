/** The rules of channels, publishing and the log. @module */
import { type Mutation, mutationsOf } from "./mutation.ts";

export const BUS: readonly Mutation[] = mutationsOf({
  "listeners run by ascending priority": ["? 0 : a.priority - b.priority;", "? 0 : b.priority - a.priority;"],
  "the default priority is 50": [
    "const { name = nameOf(listener), priority = 50,",
    "const { name = nameOf(listener), priority = 60,",
  ],
  "the same listener again replaces its options": ["    Object.assign(found, own);\n", ""],
  "a listener removed before its turn does not run": ["        if (turn.removed) continue;\n", ""],
  "a listener removed before its turn does not run in publishSync either": [
    "if (channel.changes !== changes && entries[at - 1]!.removed) continue;",
    "",
  ],
  "a listener that runs once is removed before it runs": [
    "if (turn.once) turn.channel!.remove(turn.listener);",
    "",
  ],
  "a signal unsubscribes": [
    "const release = signal && onAbort(signal, () => this.remove(listener));",
    "const release = undefined;",
  ],
  "an aborted signal subscribes nothing": [
    "    if (signal?.aborted) return;\n    const found",
    "    const found",
  ],
  "a listener that fails stops no other of publishSync": [
    "for (let at = 0; at < length;) {\n      try {",
    "for (let at = 0; at < length; at = length) {\n      try {",
  ],
  "publish rejects with all failures": [
    "if (round.failures.length > 0) reject(new ChannelFailures(round.failures));",
    "if (round.failures.length < 0) reject(new ChannelFailures(round.failures));",
  ],
  "a promise that publishSync got is not unhandled": [
    "if (isThenable(value)) this.#watch(channel.name, entries[at - 1]!, value);",
    "",
  ],
  "the bus's own channels are published by the bus alone": [
    "if (!channel.isOwn) return channel;",
    "if (!channel.isOwn || Math.random) return channel;",
  ],
  "a log listener does not see the records that it causes": [
    "|| this.#causes.includes(entry)) continue;",
    ") continue;",
  ],
  "a record that no listener took goes to the platform": ["if (isTaken || !matters) return;", "return;"],
  "debug and information go to no platform": [
    'const matters = level !== "debug" && level !== "info";',
    "const matters = true;",
  ],
  "the rejection of a log listener is told": [
    "callAndWatch(() => listener(record as never), fail)",
    "void listener(record as never)",
  ],
  "an iterator ends with its signal": ["    release = signal && onAbort(signal, end);\n", ""],
  "a report names what runs": ["add(name, entry, running.get(entry));", "add(name, entry, undefined);"],
  "a failure is logged": [
    "    logFailure(this.#host, failure, owner, level);\n    if (owner && !",
    "    if (owner && !",
  ],
});
