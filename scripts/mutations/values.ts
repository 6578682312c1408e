/** Values that nobody may hurt the bus with, and how its work grows. @module */
import { type Mutation, mutationsOf } from "./mutation.ts";

export const VALUES: readonly Mutation[] = mutationsOf({
  "a thenable is given one answer": [
    `    if (!isOpen) return;\n`,
    ``,
  ],
  "a thenable that resolves for ever ends": [
    `else if (steps === MOST_STEPS) {`,
    `else if (steps === MOST_STEPS ** 9) {`,
  ],
  "a then that throws is a failure": [
    `    answer(true, error);\n  }\n  return true;`,
    `  }\n  return true;`,
  ],
  "a then that cannot be read is a failure": [
    `  } catch (error) {\n    settled(true, error);\n    return true;\n  }`,
    `  } catch {\n    return false;\n  }`,
  ],
  "an error that cannot be printed is told all the same": [
    `  } catch {\n    return "an error that cannot be printed";\n  }`,
    `  } finally {\n  }\n  return "";`,
  ],
  "an error that throws when it is looked at is a failure": [
    `    // A getter of the error throws.\n    return "throw";`,
    `    return "abort";`,
  ],
  "an error without a cause is no abort": [
    `const isReason = reason !== undefined && (error`,
    `const isReason = (error`,
  ],
  "a fault of the bus itself ends the round": [
    `    } catch (error) {\n      this.#giveUp(error);\n    }\n    this.#isAdvancing = false;`,
    `    } finally {\n    }\n    this.#isAdvancing = false;`,
  ],
  "a method that cannot be read is the failure of its component": [
    `    } catch {\n      return true;\n    }`,
    `    } finally {\n    }`,
  ],
  "a function with an odd name is anonymous": [
    `if (typeof name === "string" && name !== "") return name;`,
    `return String(name);`,
  ],
  "a signal whose listeners cannot be taken off does no harm": [
    `    try {\n      signal.removeEventListener("abort", abort);\n    } catch { /* It is no AbortSignal. */ }`,
    `    signal.removeEventListener("abort", abort);`,
  ],
  "what is no signal is refused": [
    `if (typeof addEventListener === "function" && typeof removeEventListener === "function") return value;`,
    `return value;`,
  ],
  "options are read once": [
    `  const own = { ...options };\n  if (own.name`,
    `  const own = options;\n  if (own.name`,
  ],
  "a message is a string": [`typeof message === "string" ? message : textOf(message)`, `message`],
  "details that cannot be read lose no record": [
    `        this.#record(message, { level: "warn" }, owner);\n`,
    ``,
  ],
  "a goal that is none is refused": [`  if (!GOALS.includes(goal)) throw`, `  if (!goal) throw`],
  "a code that is none is refused": [
    `  if (code !== undefined) checkCode(action, code);`,
    `  if (code !== undefined && Math.abs(0)) checkCode(action, code);`,
  ],
  "a platform's request drops what is wrong": [
    `    if (isRight(value)) reason[field] = value;`,
    `    if (value !== undefined) reason[field] = value;`,
  ],
  "NaN is no time": [`typeof ms === "number" && !Number.isNaN(ms)`, `typeof ms === "number"`],
  "the dependencies of a component are copied": [
    `typeof dependsOn === "object" ? Array.from(dependsOn) : dependsOn;`,
    `dependsOn;`,
  ],
  "failures are another list for each caller": [
    `Object.freeze(failures.map((failure) => Object.freeze({ ...failure })))`,
    `failures`,
  ],
  "a channel named __proto__ is in the report": [
    `return Object.fromEntries(channels);`,
    `const all: Record<string, ListenerReport[]> = {};\n    for (const [name, list] of channels) all[name] = list;\n    return all;`,
  ],
  "a hanging listener keeps nothing of its round": [
    `if (!adopt(value, settledOf(this.#host, call)))`,
    `if (!adopt(value, (failed, value) => settledOf(this.#host, call)(failed, value)))`,
  ],
  "a guest keeps nothing of a listener that left": [
    `this.#listeners.set(channel, new WeakMap());`,
    `this.#listeners.set(channel, new Map() as never);`,
  ],
});
