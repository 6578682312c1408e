/**
 * What docs/architecture.md promises of every moment, as checks of what a random program sees.
 * @module
 */
import { ChannelFailures, type State } from "../../../mod.ts";
import type { Ask } from "./plan.ts";
import type { Body, Promised } from "./record.ts";
import type { World } from "./world.ts";

/** The clock's times are floating-point numbers: the difference of two may be off by a rounding. */
const ROUNDING_MS = 1e-6;

/** The transitions that there are. */
const table: Readonly<Record<State, readonly State[]>> = {
  initial: ["enter"],
  enter: ["idle", "stop_error"],
  idle: ["start", "exit", "stop_error"],
  start: ["run", "start_error", "drain"],
  run: ["drain", "start_error"],
  drain: ["stop"],
  stop: ["idle", "stop_error"],
  exit: ["exited", "exit_error"],
  exited: [],
  start_error: ["drain"],
  stop_error: ["exit"],
  exit_error: ["exited"],
};

/** The state whose settling fulfils a call. */
const lastState: Readonly<Partial<Record<Ask["ask"], State>>> = {
  start: "run",
  run: "run",
  graceful: "run",
  stop: "idle",
  exit: "exited",
  restart: "exited",
};

/** One start of a component, and the stop that takes it down. */
interface Instance {
  readonly start: Body;
  stop?: Body;
}

export class Rules {
  readonly #world: World;
  readonly #instances = new Map<string, Instance[]>();
  /** The passes that a stronger goal gave up: they need not count. */
  readonly givenUp: Set<number> = new Set();
  #latestEnd = Infinity;
  #over = false;

  constructor(world: World) {
    this.#world = world;
  }

  #fail(why: string): void {
    this.#world.fail(why);
  }

  /** How long the bus may stay in a state, without any notice. */
  #cap(state: State): number {
    const { deadlines, atMost } = this.#world.plan;
    switch (state) {
      case "enter":
      case "start":
      case "drain":
      case "stop":
      case "exit":
        return Math.max(deadlines[state], atMost[state] ?? 2 * deadlines[state]);
      default:
        return 2 * deadlines.settle;
    }
  }

  #all(name: string): Instance[] {
    let all = this.#instances.get(name);
    if (!all) this.#instances.set(name, all = []);
    return all;
  }

  /** The instance of a component that is up: neither one that came too late nor one whose driver died. */
  #up(name: string): Instance | undefined {
    return this.#all(name).find((instance) => isUp(instance) && !isGivenUp(instance.start));
  }

  /** The end was asked for: by when must it have come? */
  onLeaving(): void {
    const world = this.#world;
    const { plan } = world;
    if (world.leaving === undefined) {
      // Whatever is under way, and whatever else comes: it shares the time of settle.
      const mayExtend = JSON.stringify(plan).includes('"extend"');
      const most = (state: "drain" | "stop" | "exit") => mayExtend ? this.#cap(state) : plan.deadlines[state];
      world.leaving = world.now;
      this.#latestEnd = world.now + most("drain") + most("stop") + most("exit") + plan.deadlines.settle +
        ROUNDING_MS;
    }
    const last = world.endings.at(-1)?.what;
    if (last?.ask === "notice") this.#latestEnd = Math.min(this.#latestEnd, world.now + last.ms + 1);
  }

  onPulse(number: number): void {
    const { pulses } = this.#world.platform;
    const { state, settled, at } = pulses[number]!;
    const before = pulses[number - 1];
    if (settled) {
      const { goal } = this.#world.bus.inspect();
      if ((state === "start" || state === "run") && goal !== "start") this.givenUp.add(number);
      if (before?.state !== state || before.settled) {
        return this.#fail(`"${state}" settled without being entered`);
      }
      if (at - before.at > this.#cap(state) + ROUNDING_MS) {
        this.#fail(`"${state}" took ${at - before.at} ms of at most ${this.#cap(state)}`);
      }
    } else {
      if (before && !before.settled) {
        this.#fail(`"${state}" was entered before "${before.state}" had settled`);
      }
      const from = before?.state ?? "initial";
      if (!table[from].includes(state)) this.#fail(`there is no way from "${from}" to "${state}"`);
      this.#noneRuns(`"${state}" was entered`);
    }
    if (state === "exited" && settled) {
      this.#over = true;
      if (at > this.#latestEnd) {
        this.#fail(
          `"exited" came at ${at}, later than ${this.#latestEnd}; the end was asked for at ${this.#world.leaving}`,
        );
      }
      for (const [name, all] of this.#instances) {
        for (const instance of all) {
          if (!isUp(instance) || isGivenUp(instance.start) && instance.start.ended!.at >= before!.at) {
            continue;
          }
          this.#fail(`"${name}" is up and was never stopped`);
        }
      }
    }
  }

  /** A phase begins: who is still at work has been given up. */
  #noneRuns(what: string): void {
    for (const body of this.#world.bodies) {
      if (body.ended || !body.phase || body.abandoned || body.aside || body.isGuest) continue;
      if (body.phase.left() > 0 || !body.phase.signal.aborted) {
        this.#fail(`${what} while ${body.owner}.${body.part} of "${body.state}" was running`);
      }
    }
  }

  onBegin(body: Body): void {
    const { bus } = this.#world;
    const { owner, part, phase } = body;
    if (
      this.#over && part !== "leave" && part !== "respawn" && body.listener?.channel !== "restart" &&
      part !== "hold" && part !== "rollback"
    ) {
      this.#fail(`${owner}.${part} began after "exited" had settled`);
    }
    if (part === "start" && body.isGuest) return void this.#all(owner).push({ start: body });
    if (part === "stop" && body.isGuest) return this.#guestStops(body);
    if (part === "listener" && phase && !body.isGuest) {
      if (phase.state !== bus.state || bus.settled) {
        this.#fail(`${owner} of "${phase.state}" began in "${bus.state}", settled: ${bus.settled}`);
      }
      this.#inTurn(body);
    }
    if (part === "start") this.#startBegins(body);
    if (part === "stop") this.#stopBegins(body);
  }

  /** Listeners of one phase begin one after another, by priority; in `enter` and `start` none after a failure. */
  #inTurn(body: Body): void {
    for (const other of this.#world.bodies) {
      if (other === body || other.pulse !== body.pulse || other.part !== "listener" || !other.phase) continue;
      if (other.isGuest) continue;
      if (!other.ended && !other.abandoned && other.phase.left() > 0) {
        this.#fail(`${body.owner} began while ${other.owner} was running`);
      }
      if (other.listener!.priority > body.listener!.priority) {
        this.#fail(`${body.owner} began after ${other.owner}`);
      }
      if (body.state !== "enter" && body.state !== "start") continue;
      if (other.ended?.failed && other.ended.pulse === body.pulse) {
        this.#fail(`${body.owner} of "${body.state}" began after ${other.owner} had failed`);
      }
    }
  }

  #startBegins(body: Body): void {
    const { components, bodies, now } = this.#world;
    const { owner } = body;
    const { dependsOn } = components.get(owner) ?? {};
    for (const { start, stop } of this.#all(owner)) {
      if (start.abandoned || stop?.abandoned) continue;
      if (!start.ended && start.phase!.left() > 0) this.#fail(`"${owner}" was started while it was starting`);
      if (start.ended?.failed === false && !stop) {
        this.#fail(`"${owner}" was started before the one that came too late was stopped`);
      }
      if (stop && !stop.ended && stop.phase!.left() > 0) {
        this.#fail(`"${owner}" was started while it was being stopped`);
      }
      if (stop?.ended?.failed && !stop.aside) {
        this.#fail(`"${owner}" was started though it had failed to stop`);
      }
    }
    if (this.#up(owner)) this.#fail(`"${owner}" was started while it was up`);
    const needed = dependsOn === "all"
      ? [...components.values()].filter((c) => c.dependsOn !== "all").map((c) => c.name).filter((n) =>
        this.#concerned(n)
      )
      : dependsOn ?? [];
    for (const name of needed) {
      if (!this.#all(name).some((other) => isUp(other) && other.start.abandoned !== "sure")) {
        this.#fail(`"${owner}" was started while "${name}", which it depends on, was not up`);
      }
    }
    const failed = bodies.find(({ pulse, state, phase, part, ended, isGuest }) =>
      pulse === body.pulse && state === "start" && phase && (part === "start" || part === "listener") &&
      !isGuest && ended?.failed && ended.pulse === pulse && (ended.atOnce || ended.at < now)
    );
    if (failed) this.#fail(`${owner}.start began after ${failed.owner} had failed`);
    this.#all(owner).push({ start: body });
  }

  /** A guest's component is stopped once for each time that it came up. */
  #guestStops(body: Body): void {
    const instance = this.#all(body.owner).find(isUp);
    if (!instance) return this.#fail(`"${body.owner}" was stopped while it was not up`);
    instance.stop = body;
  }

  /** Whether an "all" waits for it: not where it joins later than that one, was removed, or has failed to stop. */
  #concerned(name: string): boolean {
    const status = this.#world.handles.get(name)?.status;
    return status !== "removed" && status !== "failed" &&
      this.#world.components.get(name)?.join === undefined && name !== "late";
  }

  #stopBegins(body: Body): void {
    const { components } = this.#world;
    const { owner } = body;
    const late = this.#all(owner).find((instance) => isUp(instance) && isGivenUp(instance.start));
    const instance = late ?? this.#up(owner);
    if (!instance) return this.#fail(`"${owner}" was stopped while it was not up`);
    instance.stop = body;
    if (late) {
      body.aside = true;
      return;
    }
    const removed = body.state !== "stop";
    for (const other of components.values()) {
      if (other.name === owner) continue;
      const depends = other.dependsOn === "all"
        ? !removed && components.get(owner)?.dependsOn !== "all"
        : other.dependsOn?.includes(owner);
      if (!depends) continue;
      if (this.#up(other.name)) {
        this.#fail(`"${owner}" was stopped before "${other.name}", which depends on it`);
      }
      const stopping = this.#all(other.name).find(({ stop }) =>
        stop && !stop.ended && !stop.abandoned && !stop.aside && stop.phase!.left() > 0
      );
      if (stopping) {
        this.#fail(`"${owner}" was stopped while "${other.name}", which depends on it, was stopping`);
      }
    }
  }

  onOutcome(promised: Promised): void {
    const { what, outcome, text } = promised;
    const { bus, platform } = this.#world;
    const last = lastState[what.ask];
    if (outcome?.failed || last === undefined || what.ask === "run") return this.#rejected(promised);
    const passed = platform.pulses.some((p, i) => i > promised.pulse && p.state === last && p.settled);
    const there = promised.settled && promised.state === last ||
      what.ask === "stop" && promised.state === "initial";
    if (!passed && !there) this.#fail(`${text} resolved before "${last}" had settled, in "${bus.state}"`);
    if (promised.leaving && (what.ask === "start" || what.ask === "graceful") && !passed) {
      this.#fail(`${text} resolved, though the end was asked for before`);
    }
  }

  #rejected({ what, outcome, text }: Promised): void {
    if (!outcome?.failed) return;
    const { error } = outcome;
    // These reject with the very error of the program, which may be anything.
    if (what.ask === "use" || what.ask === "hold") return;
    if (what.ask === "block" || what.ask === "run") this.#fail(`${text} rejected: ${error}`);
    if (!(error instanceof Error)) this.#fail(`${text} rejected with what is no error: ${error}`);
    if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) {
      this.#fail(`${text} rejected with ${error.stack}`);
    }
    if (error instanceof ChannelFailures && error.failures.length === 0) {
      this.#fail(`${text} rejected with no failure`);
    }
    const abandoned = this.#world.endings.some(({ what }) => what.ask === "abandon");
    if (!abandoned && error instanceof ChannelFailures && error.failures.some((f) => f.kind === "abort")) {
      this.#fail(`${text} rejected with a listener that was aborted: ${error.message}`);
    }
  }
}

function isUp({ start, stop }: Instance): boolean {
  return start.ended?.failed === false && !stop;
}

/** Whether the bus had gone on without it when it ended. */
function isGivenUp({ abandoned, ended }: Body): boolean {
  return abandoned !== undefined || ended?.inTime === false;
}
