/**
 * A reload in two steps: every listener prepares and may veto, then all commit; or all roll back.
 * @module
 */
import { adopt, adopted } from "./_adopt.ts";
import { defer } from "./_deferred.ts";
import type { Listener } from "./channel.ts";
import { show } from "./check.ts";
import type { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";
import type { Prepared, Reload } from "./phase.ts";
import type { CallHost, Step } from "./call.ts";
import { Round } from "./round.ts";

/** The part of a bus that a reload needs. */
export interface ReloadHost {
  readonly core: CallHost;
  /** Calls `body` as a part of what is under way. */
  within<T>(body: () => T): T;
  /** The deadline of one of its rounds, beginning now. */
  limit(name: "prepare" | "commit" | "rollback"): Deadline;
  /** Awaited before any commits; a rejection is a veto. */
  confirm?(reload: Reload): unknown;
}

/** The result of a reload: whether a request overtook it, the vetoes, and the commits that failed. */
export interface ReloadEnd {
  readonly isOvertaken: boolean;
  readonly vetoes: readonly Failure[];
  readonly failures: readonly Failure[];
}

/** Runs one reload. */
export async function runReload(
  { core, within, limit, confirm }: ReloadHost,
  steps: readonly Step[],
  reload: Omit<Reload, "signal">,
): Promise<ReloadEnd> {
  const prepared: Step[] = [];
  const finish = async (name: "commit" | "rollback", steps: readonly Step[]) => {
    const deadline = limit(name);
    const call = ({ listener }: Step) => within(() => (listener as Listener<[string]>)(name));
    const round = new Round(core, "reload", steps, { call, counts: () => false }, deadline);
    await round.ran();
    deadline.close();
    return round.failures;
  };
  const deadline = limit("prepare");
  const own = (signal: Reload["signal"]): Reload => ({ ...reload, signal });
  const turns: Step[] = [...steps];
  if (confirm) {
    turns.push({
      name: "confirm",
      listener: (reload: Reload) => adopted(confirm(reload)).then(() => undefined),
    });
  }
  const round = new Round(core, "reload", turns, {
    call(step, { own: limit = deadline }) {
      const made = within(() => (step.listener as Listener<[Reload]>)(own(limit.signal)));
      const second = defer<Step | undefined>();
      const isPending = adopt(made, (failed, value) => {
        try {
          if (failed) second.reject(value);
          else second.resolve(secondStep(step, value));
        } catch (error) {
          second.reject(error);
        }
      });
      return isPending ? second.promise : secondStep(step, made);
    },
    done: (step) => step && prepared.push(step as Step),
    // A preparation that ends after the veto is undone too.
    late: (step) => step && void finish("rollback", [step as Step]),
    endedBy: "failure",
    counts: ({ mayVeto }) => mayVeto,
  }, deadline);
  await round.ran();
  deadline.close();
  const vetoes = round.failures;
  const isOvertaken = deadline.aborted === "request" && vetoes.length === 0;
  if (isOvertaken || vetoes.length > 0) {
    await finish("rollback", prepared.reverse());
    return { isOvertaken, vetoes, failures: [] };
  }
  return { isOvertaken, vetoes, failures: await finish("commit", prepared) };
}

/** Makes a step of the commit or the rollback of the value that a listener has prepared. @throws {TypeError} If it prepared neither. */
function secondStep({ name, owner }: Step, made: unknown): Step | undefined {
  if (made === undefined) return undefined;
  const { commit } = Object(made) as Partial<Prepared>;
  if (typeof commit === "function") {
    return { name, owner, listener: (step: "commit" | "rollback") => (made as Prepared)[step]?.() };
  }
  throw new TypeError(
    `Cannot prepare the reload: "${name}" returned ${show(made)}, expected { commit, rollback? }`,
  );
}
