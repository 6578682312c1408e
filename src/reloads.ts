/**
 * The reloads of one bus: calls that wait fold into one, which is done as an errand.
 * @module
 */
import { defer, type Deferred, rejected } from "./_deferred.ts";
import { onAbort, type Signal } from "./_web.ts";
import type { Core } from "./core.ts";
import type { Deadline } from "./deadline.ts";
import type { Errand, Errands } from "./errands.ts";
import { ChannelFailures, type Failure, TransitionError } from "./errors.ts";
import type { Course } from "./course.ts";
import type { Guests } from "./guests.ts";
import type { Members } from "./members.ts";
import type { Reload } from "./phase.ts";
import { runReload } from "./reload.ts";
import type { Step } from "./call.ts";
import type { State } from "./states.ts";
import type { UnderWay } from "./under_way.ts";

/** The part of a bus that reloads need. */
export interface ReloadsHost {
  readonly core: Core;
  readonly members: Members;
  readonly errands: Errands;
  readonly guests: Guests | undefined;
  readonly course: Course;
  readonly state: State;
  readonly underWay: UnderWay;
  /** The deadline of a part of the errand under way, which a stronger goal may give up or not. */
  limitErrand(errand: Errand, what: "reload" | "settle", mayGiveUp: boolean): Deadline;
  endErrand(errand: Errand): void;
  confirm?(reload: Reload): unknown;
}

/** How one reload is asked for. */
export interface ReloadOptions {
  /** The number that the bus has once it has committed, where a host gives it. */
  readonly generation?: number;
  /** Gives it up, until it commits. */
  readonly signal?: Signal;
}

/** The result of a reload that has committed. */
export interface Reloaded {
  readonly generation: number;
  /** The commits that failed. */
  readonly failures: readonly Failure[];
}

/** A reload, and the calls that have folded into it. */
interface Request {
  details: unknown;
  readonly generation: number | undefined;
  readonly callers: Deferred<Reloaded>[];
  /** How many of them have not been settled. */
  open: number;
  /** Whether all callers have given it up by their signals. */
  isGivenUp: boolean;
  isCommitting: boolean;
  /** Ends what it prepares. */
  giveUp: ((reason: unknown) => void) | undefined;
}

/** The reloads of one bus. */
export class Reloads {
  generation = 0;
  readonly #host: ReloadsHost;
  /** The reload that waits for its turn. */
  #waiting: Request | undefined = undefined;

  constructor(host: ReloadsHost) {
    this.#host = host;
  }

  /** Reloads while the bus runs, or once it does; calls that wait fold into one, with the latest details. */
  request(details: unknown, { generation, signal }: ReloadOptions = {}): Promise<Reloaded> {
    const { state, course, errands } = this.#host;
    if (!course.isRunComing) {
      const kind = state === "exited" ? "exited" : "unreachable";
      const why = `the bus is in "${state}" and not on its way to "run"`;
      return rejected(new TransitionError(kind, state, "reload", why));
    }
    if (signal?.aborted) return rejected(signal.reason);
    const caller = defer<Reloaded>();
    if (this.#host.underWay.isInside()) {
      const why = "what is under way asked and would wait for itself";
      caller.reject(new TransitionError("reentrant", state, "reload", why));
    }
    let request = this.#waiting;
    // A reload that a host has given a number folds into no other.
    if (!request || generation !== undefined || request.generation !== undefined) {
      const made: Request = request = {
        details,
        generation,
        callers: [],
        open: 0,
        isGivenUp: false,
        isCommitting: false,
        giveUp: undefined,
      };
      this.#waiting = made;
      errands.send(["run"], (errand) => this.#run(errand, made), (error) => {
        if (this.#waiting === made) this.#waiting = undefined;
        for (const caller of made.callers) caller.reject(error);
      });
    }
    request.details = details;
    request.isGivenUp = false;
    request.callers.push(caller);
    if (!caller.settled) request.open++;
    if (signal) giveUpWith(signal, request, caller);
    return caller.promise;
  }

  async #run(errand: Errand, request: Request): Promise<void> {
    if (this.#waiting === request) this.#waiting = undefined;
    const { details, callers } = request;
    if (request.isGivenUp) return;
    const { core, underWay: { within }, confirm } = this.#host;
    const generation = request.generation ?? this.generation + 1;
    const steps = this.#steps();
    const { isOvertaken, vetoes, failures } = await runReload(
      {
        core,
        within,
        ...confirm && { confirm },
        limit: (name) => {
          const isPreparing = name === "prepare";
          const deadline = this.#host.limitErrand(
            errand,
            name === "rollback" ? "settle" : "reload",
            isPreparing,
          );
          request.isCommitting = !isPreparing;
          request.giveUp = (reason) => deadline.abort(reason, "request");
          return deadline;
        },
      },
      steps.filter(({ owner }) => !owner || owner.mayVeto),
      { generation, details },
    );
    this.#host.endErrand(errand);
    const outcome = vetoes.length > 0 ? "vetoed" : isOvertaken ? "overtaken" : "committed";
    const fields = { event: "reload", generation, outcome, asked: steps.length } as const;
    if (outcome !== "committed") {
      core.log(`Reload ${generation} was ${outcome}`, { level: "warn", ...fields, failures: vetoes });
      const overtaken = () =>
        new TransitionError("superseded", this.#host.state, "reload", "a stronger goal was asked");
      return errand.miss(isOvertaken ? overtaken() : new ChannelFailures(vetoes));
    }
    this.generation = generation;
    core.log(`Reloaded: generation ${generation}`, { ...fields, failures });
    for (const caller of callers) caller.resolve({ generation, failures });
    this.#host.guests?.reloaded(steps.filter(({ owner }) => owner && !owner.mayVeto), {
      generation,
      details,
    });
  }

  /** The components that are up, and the listeners, in their order: those of the host first. */
  #steps(): Step[] {
    const { core, members } = this.#host;
    const steps: Step[] = [...members.reloads(), ...core.channel("reload").list().entries];
    return steps.sort((a, b) => Number(!!a.owner) - Number(!!b.owner) || a.priority! - b.priority! || 0);
  }
}

/** A caller whose signal aborts is told so; a reload that has lost all its callers is given up, unless it commits. */
function giveUpWith(signal: Signal, request: Request, caller: Deferred<Reloaded>): void {
  const release = onAbort(signal, (reason) => {
    if (request.isCommitting) return;
    caller.reject(reason);
    request.isGivenUp = --request.open === 0;
    if (request.isGivenUp) request.giveUp?.(reason);
  });
  caller.promise.then(release, release);
}
