/**
 * A carrier whose units are played by the test: no process, no thread, and the time of a virtual clock.
 * @module
 */
import type {
  Carried,
  CarriedEnd,
  CarriedEvents,
  Carrier,
  SpawnPlan,
} from "../../../components/units/carrier.ts";
import type { ToSite, ToUnit } from "../../../components/units/protocol.ts";
import type { Clock } from "../../../src/platform.ts";

/** How units behave. */
export interface Behavior {
  /** Milliseconds until it is ready; never, where undefined. */
  readonly readyMs: number | undefined;
  /** Milliseconds from being asked to its end; never, where undefined. */
  readonly exitMs: number | undefined;
  /** Whether it answers questions. */
  readonly answers: boolean;
  /** What it says of its memory. */
  readonly memory: number;
  /** How it ends by itself before it is ready, and after how long. */
  readonly fails?: { readonly ms: number; readonly end: CarriedEnd };
}

const WELL: Behavior = { readyMs: 10, exitMs: 10, answers: true, memory: 50e6 };

/** A unit that the test plays. */
export class FakeUnit implements Carried {
  readonly pid: number;
  readonly plan: SpawnPlan;
  /** All that its site said to it. */
  readonly heard: ToUnit[] = [];
  isAlive = true;
  readonly #events: CarriedEvents;
  readonly #clock: Clock;
  readonly #behavior: Behavior;

  constructor(
    pid: number,
    plan: SpawnPlan,
    given: { events: CarriedEvents; clock: Clock; behavior: Behavior },
  ) {
    this.pid = pid;
    this.plan = plan;
    this.#events = given.events;
    this.#clock = given.clock;
    this.#behavior = given.behavior;
    const { readyMs, fails } = given.behavior;
    if (fails !== undefined) given.clock.setTimer(fails.ms, () => this.end(fails.end));
    if (readyMs === undefined) return;
    given.clock.setTimer(readyMs, () => {
      this.say({ sitebus: "hello", bus: "worker", inspected: false });
      this.say({ sitebus: "state", bus: "worker", state: "run", settled: false });
      this.say({ sitebus: "state", bus: "worker", state: "run", settled: true });
    });
  }

  /** Says something to its site. */
  say(message: ToSite): void {
    if (this.isAlive) this.#events.received(message);
  }

  /** Ends. */
  end(end: CarriedEnd): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#events.ended(end);
  }

  send(message: ToUnit): void {
    this.heard.push(message);
    const { exitMs, answers, memory } = this.#behavior;
    if (message.sitebus === "exit" && exitMs !== undefined) {
      this.#clock.setTimer(exitMs, () => this.end({ code: 0 }));
    }
    if (message.sitebus === "question" && answers) {
      this.say({ sitebus: "answer", number: message.number, memory });
    }
  }

  kill(): void {
    // As of a process: it is told a moment later.
    queueMicrotask(() => this.end({ signal: "SIGKILL" }));
  }
}

/** Makes units that the test plays, each with the behavior that was set when it was started. */
export class FakeCarrier implements Carrier {
  readonly kind = "process";
  readonly units: FakeUnit[] = [];
  behavior: Behavior = WELL;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The units that live, in the order of their starts. */
  get living(): readonly FakeUnit[] {
    return this.units.filter(({ isAlive }) => isAlive);
  }

  /** From now on units behave like this. */
  behave(behavior: Partial<Behavior> = {}): void {
    this.behavior = { ...WELL, ...behavior };
  }

  start(plan: SpawnPlan, events: CarriedEvents): FakeUnit {
    const made = new FakeUnit(1000 + this.units.length, plan, {
      events,
      clock: this.#clock,
      behavior: this.behavior,
    });
    this.units.push(made);
    return made;
  }
}
