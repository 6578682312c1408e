/**
 * Checks by a trial: the application is started and stopped once, and its log is read.
 * @module
 */
import { firstLine } from "../../components/log/place.ts";
import { LoadError } from "../load_error.ts";
import type { Trial, TrialRecord } from "../trial.ts";
import { type Finding, ok, typedTime, type Verdict } from "./finding.ts";

interface Meaning {
  readonly check: string;
  readonly verdict: Verdict;
  readonly mend?: string;
}

/** The meaning of the events of warnings and errors. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  "foreign-listener": { check: "signals", verdict: "problem" },
  "foreign-exit": {
    check: "exit",
    verdict: "problem",
    mend: "no process.exit() in the application: return from a component's run, or bus.exit()",
  },
  uncaught: { check: "errors", verdict: "problem", mend: "await the promise, or catch its error" },
  late: {
    check: "deadlines",
    verdict: "problem",
    mend: "end it by the phase's signal, or give it more time",
  },
  missed: {
    check: "components",
    verdict: "warning",
    mend: "use a component, which also starts while the bus runs",
  },
  grace: { check: "grace", verdict: "warning" },
};

/** How much of the time of the start may be used before it is told. */
const START_SHARE = 0.5;

/** Runs a trial and says what it has shown. Never rejects. */
export async function trialChecks(run: () => Promise<Trial>, startWithin: number): Promise<Finding[]> {
  try {
    return readTrial(await run(), startWithin);
  } catch (error) {
    const verdict = error instanceof LoadError && /--allow-all/.test(error.message) ? "unknown" : "problem";
    return [{ check: "trial", verdict, reason: firstLine(error) }];
  }
}

/** The findings of a trial that has ended. */
export function readTrial(trial: Trial, startWithin: number): Finding[] {
  const { records, code, left, ignored, loadMs, setupMs } = trial;
  const seen = records.filter(({ level, event }) =>
    (level === "warn" || level === "error") && event !== "exit"
  );
  const found: Finding[] = seen.map(findingOf);
  for (const reason of ignored) found.push(split("module", "warning", reason));
  if (code !== 0 && found.every(({ verdict }) => verdict !== "problem")) {
    found.push({ check: "trial", verdict: "problem", reason: `the application has ended with ${code}` });
  }
  const startMs = Math.max(
    0,
    ...records.filter(({ event, state }) => event === "settled" && state === "start")
      .map(({ ms }) => Number(ms)),
  );
  const slowest = Math.max(loadMs, setupMs, startMs);
  if (slowest > startWithin * START_SHARE) {
    found.push({
      check: "deadlines",
      verdict: "warning",
      reason: `the start takes ${Math.round(slowest)} ms of the ${typedTime(startWithin)} that it has`,
      mend: `--start-within ${
        typedTime(Math.ceil(slowest * 3 / 1000) * 1000)
      }; sitebus analyze says what takes it`,
    });
  }
  if (left.length > 0) {
    found.push({
      check: "left over",
      verdict: "warning",
      reason: `after the stop there is still ${counted(left)}, which keeps a process alive; sitebus ends it`,
      mend: "close it in the stop of the component that has made it",
    });
  }
  return found.length > 0
    ? unique(found)
    : [ok("trial", "the application starts and stops, and warns of nothing")];
}

/** "2 Timeout, 1 TCPServerWrap". */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
}

function findingOf({ event = "", level, message, error }: TrialRecord): Finding {
  const { check = "trial", verdict = level === "error" ? "problem" : "warning", mend } = MEANINGS[event] ??
    {};
  const why = error?.message === undefined || message.includes(error.message) ? "" : `: ${error.message}`;
  const finding = split(check, verdict, `${message}${why}`);
  return mend === undefined || finding.mend !== undefined ? finding : { ...finding, mend };
}

/** Many messages say what to do in a second sentence, or after a colon. */
function split(check: string, verdict: Verdict, message: string): Finding {
  const line = firstLine(message);
  const [, reason = line, mend] =
    /^(.*?)(?:\. |: )((?:Switch|use|put|subscribe|handle|check) .*)$/.exec(line) ?? [];
  return { check, verdict, reason, ...mend !== undefined && { mend: mend.replace(/^S/, "s") } };
}

function unique(findings: readonly Finding[]): Finding[] {
  const known = new Map(findings.map((finding) => [`${finding.check} ${finding.reason}`, finding]));
  return [...known.values()];
}
