/**
 * The verbs of `sitebus ctl`: the table that the parser, the help and the completions use.
 * @module
 */
import { UsageError } from "../usage_error.ts";

/** A request that changes something. */
export interface Action {
  readonly route: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One verb. */
export interface Verb {
  readonly what: string;
  /** Its argument, as the help shows it. Default: it has none. */
  readonly argument?: string;
  /** Makes the request; absent where the verb only reads. */
  readonly action?: (argument: string, given: ReadonlyMap<string, string>) => Action;
}

const goal = (what: string, goal: string): Verb => ({
  what,
  action: () => ({ route: "/goal", body: { goal } }),
});

const pool = (given: ReadonlyMap<string, string>) => {
  const name = given.get("--pool");
  return name === undefined ? {} : { pool: name };
};

/** The names of all verbs; the first one is the default. */
export const VERB_NAMES = [
  "status",
  "inspect",
  "timeline",
  "log",
  "page",
  "reload",
  "graceful",
  "stop",
  "start",
  "restart",
  "exit",
  "roll",
  "scale",
] as const;

/** The name of a verb. */
export type VerbName = typeof VERB_NAMES[number];

/** The verbs, by their names. */
export const VERBS: Readonly<Record<VerbName, Verb>> = {
  status: { what: "state, components, units, and what it waits for" },
  inspect: { what: "all that the bus knows of itself" },
  timeline: { what: "the last start and the last stop, with bars" },
  log: { what: "follow its log until Ctrl-C" },
  page: { what: "the address of its status page" },
  reload: {
    what: "read configuration and certificates again",
    action: (_, given) => ({ route: "/reload", body: detailsOf(given.get("--details")) }),
  },
  graceful: goal("stop and start all components", "graceful"),
  stop: goal("stop all components; the process stays", "stop"),
  start: goal("start them again", "start"),
  restart: goal("exit, and start a new process", "restart"),
  exit: goal("stop all components and end the process", "exit"),
  roll: {
    what: "replace the units of a pool one after another",
    action: (_, given) => ({ route: "/units/roll", body: pool(given) }),
  },
  scale: {
    what: "give a pool so many units",
    argument: "<n>",
    action: (argument, given) => ({
      route: "/units/scale",
      body: { ...pool(given), count: countOf(argument) },
    }),
  },
};

/** The verb of this name. @throws {UsageError} If there is none. */
export function verbOf(name: string): VerbName {
  const found = VERB_NAMES.find((one) => one === name);
  if (!found) throw new UsageError(`ctl cannot "${name}": expected one of ${VERB_NAMES.join(", ")}`);
  return found;
}

function countOf(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`scale is "${text}": expected a number of units`);
  return Number(text);
}

function detailsOf(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    return { details: JSON.parse(text) as unknown };
  } catch {
    throw new UsageError(`--details is "${text}": expected JSON, such as '{"level":"debug"}'`);
  }
}
