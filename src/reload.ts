/**
 * A reload in two steps: every listener prepares and may veto, then all commit; or all roll back.
 * @module
 */
import { show } from "./check.ts";
import type { Core } from "./_core.ts";
import type { Signal } from "./_web.ts";
import { type Entry, isThenable, type Listener } from "./channel.ts";
import type { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";
import { Round } from "./round.ts";

/** What a `reload` listener gets. It prepares; it throws to veto. */
export interface Reload {
  /** The generation that this reload makes, where it is not vetoed: 1, 2, … */
  readonly generation: number;
  /** What `reload(details)` was given last. */
  readonly details: unknown;
  /** Aborts when a stronger request overtakes the reload, and shortly before its deadline. */
  readonly signal: Signal;
}

/** What a `reload` listener may return: its second step. */
export interface Prepared {
  /** Makes the change. A failing one is reported, the others still run. */
  commit(): unknown;
  /** Undoes the preparation, where another listener vetoed. */
  rollback?(): unknown;
}

/** What a reload needs of the engine. */
export interface ReloadHost {
  readonly core: Core;
  readonly entries: readonly Entry[];
  within<T>(body: () => T): T;
  /** Begins a step: the deadline for it. */
  step(name: "prepare" | "commit" | "rollback"): Deadline;
}

/** Why a reload was not committed, where it was not. */
export interface Vetoes {
  readonly overtaken: boolean;
  readonly failures: readonly Failure[];
}

/** Runs one reload. */
export async function runReload(host: ReloadHost, reload: Omit<Reload, "signal">): Promise<Vetoes> {
  const { core, entries, within } = host;
  const channel = core.channel("reload");
  const prepared: [name: string, made: Prepared][] = [];
  const finish = async (step: "commit" | "rollback", steps: typeof prepared) => {
    const deadline = host.step(step);
    for (const [name, made] of steps) {
      core.logFailed(await channel.outcome({ name, deadline, body: () => within(() => made[step]?.()) }));
    }
    deadline.close();
  };
  const deadline = host.step("prepare");
  const round = new Round(channel, {
    deadline,
    entries,
    call({ entry, own = deadline }) {
      const listener = entry.listener as Listener<[Reload]>;
      const made = within(() => listener({ ...reload, signal: own.signal }));
      const check = (made: unknown) => checkPrepared(entry, made);
      return isThenable(made) ? made.then(check) : check(made);
    },
    done: ({ name }, made) => made && prepared.push([name, made as Prepared]),
    // A preparation that ends after the veto is undone too.
    late({ name }, settled) {
      if ("value" in settled && settled.value) void finish("rollback", [[name, settled.value as Prepared]]);
    },
    ended: (failures) => failures.length > 0 || deadline.aborted === "request",
  });
  await round.run();
  deadline.close();
  const { failures } = round;
  const overtaken = deadline.aborted === "request";
  if (!overtaken && failures.length === 0) await finish("commit", prepared);
  else await finish("rollback", prepared.reverse());
  return { overtaken, failures };
}

function checkPrepared({ name }: Entry, made: unknown): Prepared | undefined {
  if (made === undefined || typeof (made as Prepared | null)?.commit === "function") return made as Prepared;
  throw new TypeError(
    `Cannot prepare the reload: "${name}" returned ${show(made)}, expected { commit, rollback? }`,
  );
}
