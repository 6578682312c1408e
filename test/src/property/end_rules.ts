/**
 * What docs/architecture.md promises of the whole, as checks of what a random program has seen when it is over.
 * @module
 */
import type { LogRecord, State, TransitionError } from "../../../mod.ts";
import { type Body, holds, isOwn, textOf } from "./record.ts";
import type { World } from "./world.ts";

const errorStates: readonly State[] = ["start_error", "stop_error", "exit_error"];
/** A pass through these counts for `wait`, wherever it leads. */
const alwaysCount: readonly State[] = ["drain", ...errorStates, "exited"];

export class EndRules {
  readonly #world: World;
  readonly #givenUp: ReadonlySet<number>;

  /** @param givenUp The pulses of the passes that a stronger goal gave up: they need not count. */
  constructor(world: World, givenUp: ReadonlySet<number>) {
    this.#world = world;
    this.#givenUp = givenUp;
  }

  #fail(why: string): void {
    this.#world.fail(why);
  }

  /** Everything has come to rest, and the end was asked for. */
  check(before: Readonly<Record<string, number>>, onces: readonly string[]): void {
    const { bus, platform, promised, bodies } = this.#world;
    if (bus.state !== "exited" || !bus.settled) {
      return this.#fail(`the bus is stuck in "${bus.state}", settled: ${bus.settled}`);
    }
    if (platform.exits.length !== 1) this.#fail(`leave was called ${platform.exits.length} times`);
    for (const { text, outcome, what } of promised) {
      const hangs = what.ask === "hold" && what.act.does === "hang";
      if (!outcome && !hangs) this.#fail(`${text} never settled`);
    }
    if (this.#world.timers !== 0) this.#fail(`${this.#world.timers} timers are left`);
    const hung = bodies.filter((body) => !body.ended);
    this.#sameListeners(before, onces, hung);
    this.#waits();
    this.#failuresAreTold();
    this.#exitCode();
    this.#reloads();
  }

  #sameListeners(
    before: Readonly<Record<string, number>>,
    onces: readonly string[],
    hung: readonly Body[],
  ): void {
    const after = this.#world.platform.left(this.#world.bus).listeners;
    for (const channel of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const was = before[channel] ?? 0;
      const is = after[channel] ?? 0;
      const less = onces.filter((name) => name === channel).length;
      // A start that waits for an earlier one of its component is named as well, and a drain that waits for the same.
      const phases = this.#world.platform.pulses.filter(({ state }) => state === channel).length;
      const times = channel === "start" || channel === "drain" ? phases : 1;
      const more = hung.flatMap(channelsOf).filter((name) => name === channel).length * times;
      if (is < was - less || is > was + more) {
        this.#fail(`"${channel}" had ${was} listeners and now has ${is}`);
      }
    }
  }

  /** A wait resolves at the first pass that counts, and to that state. */
  #waits(): void {
    const { pulses } = this.#world.platform;
    for (const { what, text, outcome, pulse, settled, state } of this.#world.promised) {
      if (what.ask !== "wait" || !outcome) continue;
      const mayCount = (i: number): boolean => {
        const { state, settled } = pulses[i]!;
        if (i <= pulse || !settled || !what.states.includes(state)) return false;
        return alwaysCount.includes(state) || !errorStates.includes(pulses[i + 1]?.state ?? "run");
      };
      const must = pulses.findIndex((_, i) => mayCount(i) && !this.#givenUp.has(i));
      const first = must < 0 ? undefined : pulses[must];
      if (!outcome.failed) {
        if (settled && what.states.includes(state) && outcome.value === state) continue;
        const came = pulses.findIndex(({ state }, i) => mayCount(i) && state === outcome.value);
        if (came < 0) this.#fail(`${text} resolved to "${outcome.value}", which did not come`);
        else if (outcome.pulse < came) this.#fail(`${text} resolved before "${outcome.value}" had settled`);
        else if (first && must < came) {
          this.#fail(`${text} resolved to "${outcome.value}", and "${first.state}" came first`);
        }
        continue;
      }
      const { name } = outcome.error as Error;
      if (name === "TimeoutError" && what.timeout !== undefined) {
        if (first && first.at < outcome.at) this.#fail(`${text} timed out, though "${first.state}" had come`);
      } else if (name !== "TransitionError") this.#fail(`${text} rejected: ${outcome.error}`);
      else if (first) this.#fail(`${text} rejected, though "${first.state}" came`);
    }
  }

  /** Every failure of a listener or component is logged, and is in the error of the call that drove the bus then. */
  #failuresAreTold(): void {
    const { bodies, records, promised } = this.#world;
    for (const body of bodies) {
      const { ended, owner, part, phase } = body;
      if (!ended?.failed || body.listener?.channel === "reload") continue;
      const own = isOwn(ended.error);
      if (own && !logged(records, ended.error)) {
        this.#fail(`nothing was logged of ${owner}.${part}: ${textOf(ended.error)}`);
      }
      if (
        !own || !phase || body.aside || body.isGuest || body.abandoned || !ended.inTime ||
        ended.pulse !== body.pulse
      ) {
        continue;
      }
      const callers = promised.filter((p) =>
        p.what.ask === body.goal && p.pulse < body.pulse && p.outcome !== undefined &&
        p.outcome.pulse >= body.pulse && !this.#restsBetween(p.pulse, body.pulse)
      );
      for (const caller of callers) {
        const { error, failed } = caller.outcome!;
        if (failed && holds(error, ended.error)) continue;
        if (failed && (error as TransitionError).name === "TransitionError") continue;
        this.#fail(`${caller.text} did not tell of ${owner}.${part}: ${textOf(ended.error)}`);
      }
    }
  }

  /** Whether the bus may have come to rest between two pulses, so that another transition began. */
  #restsBetween(from: number, to: number): boolean {
    const { pulses } = this.#world.platform;
    return pulses.some(({ state, settled }, i) =>
      i > from && i < to && settled &&
      (state === "run" || state === "idle" && pulses[i - 2]?.state === "stop")
    );
  }

  #exitCode(): void {
    const { promised, platform, plan, endings } = this.#world;
    const [exit] = platform.exits;
    if (!exit) return;
    for (const { what, outcome, text } of promised) {
      if (what.ask !== "block" && what.ask !== "run") continue;
      if (outcome && outcome.value !== exit.code) {
        this.#fail(`${text} resolved to ${outcome.value}, and the platform was told ${exit.code}`);
      }
    }
    const signals = endings.filter(({ what }) => what.ask === "signal" && /TERM|INT/.test(what.name));
    const forced = signals.find(({ at }) => at > signals[0]!.at + 500);
    if (exit.forced) {
      if (!forced) return this.#fail("the exit was forced without a second signal");
      return this.#codeIs(
        [forced.what.ask === "signal" && forced.what.name === "SIGINT" ? 130 : 143],
        "it was forced",
      );
    }
    const respawned = this.#world.bodies.find(({ part }) => part === "respawn");
    if (respawned?.ended?.failed === false && plan.respawn?.code !== undefined) {
      // Out of time it is not waited for.
      if (!respawned.ended.atOnce && endings.some(({ what }) => what.ask === "notice")) return;
      return this.#codeIs([plan.respawn.code], "the successor ended with it");
    }
    const asked = endings.find(({ what }) => what.ask === "exit" && what.code);
    // At the very end it may come too late.
    if (asked?.state === "exited" && asked.settled) return;
    // The end of a component's run asks for 70, and so does a run that could not begin.
    const ran = this.#world.bodies.some(({ part, ended }) => part === "run" && ended) ||
      this.#world.records.some(({ message }) => message.includes("Cannot start component"));
    if (asked?.what.ask === "exit") {
      return this.#codeIs(ran ? [asked.what.code!, 70] : [asked.what.code!], "it was asked for first");
    }
    const failures = this.#failures();
    if (failures.sure !== undefined) this.#codeIs([70], `${failures.sure} failed`);
    else if (!failures.any) this.#codeIs([0], "nothing failed");
    else this.#codeIs([0, 70], "something may have failed");
  }

  #codeIs(codes: readonly number[], why: string): void {
    const { code } = this.#world.platform.exits[0]!;
    if (!codes.includes(code)) {
      this.#fail(`the exit code is ${code} instead of ${codes.join(" or ")}: ${why}`);
    }
  }

  /** A failure that must turn the exit code into 70, and whether there was anything that may. */
  #failures(): { readonly sure: string | undefined; readonly any: boolean } {
    const { bodies, endings, records } = this.#world;
    let sure: string | undefined;
    // A start that could not even begin has failed as well.
    let any = endings.some(({ what }) => /^(abandon|notice|freeze)$/.test(what.ask)) ||
      records.some(({ message }) => message.includes("Cannot start component"));
    for (const { ended, part, owner, state, listener, phase, began, isGuest } of bodies) {
      // The failures of a guest are its own.
      if (isGuest) continue;
      if (part === "commit" || part === "rollback" || part === "reload" || part === "leave") continue;
      const most = part === "attach" || part === "hold" ? 1 : listener?.within ?? Infinity;
      const late = ended && ended.at - began >= most;
      if (ended && !ended.failed && ended.inTime && !late && part !== "run") continue;
      any = true;
      const counts = part === "listener" ? listener?.channel !== "reload" : part === state;
      if (counts && ended?.failed && isOwn(ended.error) && ended.inTime && phase) sure = `${owner}.${part}`;
    }
    return { sure, any };
  }

  /** What was prepared is committed or rolled back, once, in order; a generation is used up by its commit. */
  #reloads(): void {
    const { prepared, promised } = this.#world;
    for (const { owner, generation, commits, rollbacks, hasRollback, inTime } of prepared) {
      const what = `what ${owner} prepared for reload ${generation}`;
      const times = commits.length + rollbacks.length;
      if (times > 1) this.#fail(`${what} was ended ${times} times`);
      if (times === 0 && hasRollback && inTime) this.#fail(`${what} was neither committed nor rolled back`);
    }
    for (const reload of new Set(prepared.map((p) => p.reload))) {
      // What was prepared too late is rolled back when it comes.
      const group = prepared.filter((p) => p.reload === reload && p.inTime);
      if (group.length === 0) continue;
      const commits = group.flatMap((p) => p.commits);
      const rollbacks = group.flatMap((p) => p.rollbacks);
      const what = `reload ${group[0]!.generation}`;
      if (commits.length > 0 && rollbacks.length > 0) this.#fail(`${what} was committed and rolled back`);
      if (commits.some((at, i) => i > 0 && at < commits[i - 1]!)) {
        this.#fail(`${what} was committed out of order`);
      }
      if (rollbacks.some((at, i) => i > 0 && at > rollbacks[i - 1]!)) {
        this.#fail(`${what} was not rolled back in reverse`);
      }
    }
    const generations = promised
      .filter(({ what, outcome }) => what.ask === "reload" && outcome?.failed === false)
      .map(({ outcome }) => outcome!.value as number);
    const distinct = [...new Set(generations)];
    // One whose callers died with its driver, or that a signal asked for, has told nobody.
    const lost = this.#world.endings.some(({ what }) =>
      what.ask === "abandon" || what.ask === "signal" && what.name === "SIGHUP"
    );
    if (
      distinct.some((generation, i) => lost ? generation <= (distinct[i - 1] ?? 0) : generation !== i + 1)
    ) {
      this.#fail(`the reloads resolved to ${generations}`);
    }
  }
}

/** The channels that something at work may be named on. */
function channelsOf({ listener, part, state, phase }: Body): readonly string[] {
  if (listener) return [listener.channel];
  if (part === "commit" || part === "rollback") return ["reload"];
  if (part === "attach") return ["enter"];
  if (part === "respawn") return ["restart"];
  if (part === "leave") return ["exited"];
  // Draining waits for the end of the work.
  if (part === "run") return ["run", "drain"];
  // Where its driver died, the waiting is named as well as what is waited for.
  if (part === "hold") return ["drain", "drain"];
  return [part === "reload" ? part : phase?.state ?? state];
}

/** Whether a record tells of the error. */
function logged(records: readonly LogRecord[], error: unknown): boolean {
  return records.some((record) => holds(record.error, error));
}
