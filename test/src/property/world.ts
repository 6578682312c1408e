/**
 * One random program on the real bus: it plays a plan out on the virtual clock, writes down what happens, and holds it
 * against the promises of docs/architecture.md, as it happens and at the end.
 * @module
 */
import { type ComponentHandle, guest, type LogRecord, ProcessBus, type State } from "../../../mod.ts";
import { testing, type TestingPlatform } from "../../../platforms/testing.ts";
import { perform } from "./act.ts";
import { EndRules } from "./end_rules.ts";
import { FreezableClock } from "./freezable_clock.ts";
import { type Act, type Ask, askText, type ComponentPlan, type ListenerPlan, type Plan } from "./plan.ts";
import { listen, useComponent } from "./program.ts";
import {
  type Body,
  comesOf,
  type Context,
  type Ending,
  type PreparedRecord,
  type Promised,
  textOf,
} from "./record.ts";
import { Rules } from "./rules.ts";

const mostSteps = 3000;

export class World {
  readonly plan: Plan;
  readonly platform: TestingPlatform;
  readonly bus: ProcessBus;
  readonly trace: string[] = [];
  readonly bodies: Body[] = [];
  readonly promised: Promised[] = [];
  readonly endings: Ending[] = [];
  readonly prepared: PreparedRecord[] = [];
  readonly records: LogRecord[] = [];
  readonly handles: Map<string, ComponentHandle<unknown>> = new Map();
  readonly components: Map<string, ComponentPlan> = new Map();
  readonly removed: Set<string> = new Set();
  /** The instant at which the end was first asked for. */
  leaving: number | undefined;
  readonly rules: Rules;
  broken: string | undefined;
  #timers = 0;
  readonly #clock: FreezableClock;
  /** How many errors of its own it has thrown. */
  errors = 1;
  #details = 0;
  readonly #asks = new Map<Act, number>();

  constructor(plan: Plan) {
    this.plan = plan;
    this.rules = new Rules(this);
    const { attach, leave, respawn } = plan;
    this.platform = testing({
      ...(attach && { attach: () => this.#ofPlatform("attach", attach) as Promise<void> }),
      ...(leave && { leave: () => this.#ofPlatform("leave", leave) as Promise<void> }),
      ...(respawn && {
        respawn: () => Promise.resolve(this.#ofPlatform("respawn", respawn.act)).then(() => respawn.code),
      }),
      pulse: (state, settled) => this.#pulse(state, settled),
    });
    this.#clock = new FreezableClock(this.platform.clock);
    this.bus = new ProcessBus({
      platform: Object.create(this.platform, { clock: { value: this.#clock } }) as TestingPlatform,
      onStartFailure: plan.onStartFailure,
      deadlines: plan.deadlines,
      atMost: plan.atMost,
    });
    this.bus.subscribe("log", (record) => {
      this.records.push(record);
      this.say(`  log ${record.level}: ${record.message}`);
    }, { name: "the test's own" });
    for (const component of plan.components) useComponent(this, component);
    plan.listeners.forEach((listener, i) => listen(this, listener, `l${i}`));
    if (!plan.guest) return;
    const tenant = guest(this.bus, "guest");
    for (const component of plan.guest.components) useComponent(this, component, tenant);
    plan.guest.listeners.forEach((listener, i) => listen(this, listener, `l${i}`, tenant));
  }

  /** The timers of the bus: those of the program's own functions are not its fault. */
  get timers(): number {
    return this.platform.clock.pending - this.#timers;
  }

  /** The time during which the process was not frozen. */
  get now(): number {
    return this.platform.clock.now();
  }

  /** The time as the bus sees it. */
  get busTime(): number {
    return this.#clock.now();
  }

  say(line: string): void {
    this.trace.push(`@${this.now} ${line}`);
  }

  /** Notes the first promise that was not kept. */
  fail(why: string): void {
    if (this.broken !== undefined) return;
    this.broken = why;
    this.say(`*** ${why}`);
  }

  /** Plays the whole plan. */
  async play(): Promise<void> {
    const before = this.platform.left(this.bus).listeners;
    const { listeners, guest } = this.plan;
    const onces = [...listeners, ...guest?.listeners ?? []].filter((l) => l.once).map((l) => l.channel);
    const rest = this.plan.requests.filter((r) => r.at === "rest");
    this.#arrange(-1);
    await this.platform.flush();
    for (let step = 0; this.broken === undefined; step++) {
      if (step > mostSteps) return this.fail(`no rest after ${mostSteps} timers`);
      if (await this.#step()) continue;
      const request = rest.shift();
      if (request) this.ask(request.what, "at rest");
      else if (this.leaving === undefined) this.ask({ ask: "exit" }, "at last");
      else if (this.#successorHangs()) this.#force();
      else break;
      await this.platform.flush();
    }
    if (this.broken === undefined) new EndRules(this, this.rules.givenUp).check(before, onces);
  }

  /** Whether the bus waits for a successor that never comes: only force ends that. */
  #successorHangs(): boolean {
    const { exits, control } = this.platform;
    if (exits.length > 0 || control?.state !== "exited" || !control.settled) return false;
    return this.bodies.some((body) =>
      !body.ended && (body.part === "respawn" || body.listener?.channel === "restart")
    );
  }

  #force(): void {
    this.ask({ ask: "signal", name: "SIGTERM" }, "at last");
    this.timer(501, () => this.ask({ ask: "signal", name: "SIGTERM" }, "at last"));
  }

  /** Moves to the next timer; false where there is none. */
  async #step(): Promise<boolean> {
    const { clock } = this.platform;
    const { next } = clock;
    if (next === undefined) return false;
    while (clock.next === next) await clock.advance(Math.max(next - clock.now(), Number.EPSILON * next));
    return true;
  }

  #pulse(state: State, settled: boolean): void {
    const number = this.platform.pulses.length - 1;
    this.say(`${settled ? "settled" : "entered"} ${state}`);
    this.rules.onPulse(number);
    this.#arrange(number);
  }

  /** Sets up the requests that are to come at, or some time after, this pulse. */
  #arrange(pulse: number): void {
    this.plan.requests.forEach(({ at, what }, i) => {
      if (at === "rest" || at.pulse !== pulse + 1) return;
      const go = async (): Promise<void> => {
        for (let turn = 0; turn < at.turns; turn++) await undefined;
        this.ask(what, `#${i}`);
      };
      if (at.ms > 0) this.timer(at.ms, () => void go());
      else if (at.turns > 0) void go();
      else this.ask(what, `#${i}`);
    });
  }

  /** A timer of the program's own. */
  timer(ms: number, fire: () => void): () => void {
    this.#timers++;
    let set = true;
    const done = (): void => {
      if (set) this.#timers--;
      set = false;
    };
    const undo = this.platform.clock.setTimer(ms, () => {
      done();
      fire();
    });
    return () => {
      done();
      undo();
    };
  }

  /** Asks the bus, and notes what comes of it. */
  ask(what: Ask, from: string): Promise<unknown> | undefined {
    const { bus, platform } = this;
    const text = askText(what);
    const { control } = platform;
    if (!control && (what.ask === "signal" || what.ask === "notice" || what.ask === "abandon")) {
      return undefined;
    }
    this.say(`${from} asks ${text}`);
    const leaving = this.leaving !== undefined;
    switch (what.ask) {
      case "freeze":
        this.#clock.freeze(what.ms);
        this.ending(what, false);
        return undefined;
      case "signal":
        this.ending(what, what.name === "SIGTERM" || what.name === "SIGINT");
        platform.deliver(what.name);
        return undefined;
      case "notice":
        this.ending(what, true);
        platform.notice(what.ms);
        return undefined;
      case "abandon":
        this.ending(what, false);
        for (const body of this.bodies) {
          const { ended } = body;
          if (!ended) body.abandoned = "sure";
          else if (ended.at === this.now && ended.pulse === platform.pulses.length - 1) {
            body.abandoned = "maybe";
          }
        }
        platform.abandon("the driver died");
        return undefined;
    }
    if (what.ask === "exit" || what.ask === "restart") {
      this.ending(what, what.ask === "exit" || this.canRestart());
    }
    const promised: Promised = {
      what,
      text,
      asked: this.now,
      pulse: platform.pulses.length - 1,
      state: bus.state,
      settled: bus.settled,
      leaving,
    };
    this.promised.push(promised);
    const end = (failed: boolean, value: unknown): void => {
      const pulse = platform.pulses.length - 1;
      promised.outcome = { at: this.now, pulse, failed, ...(failed ? { error: value } : { value }) };
      this.say(`${text} of ${from} ${failed ? "rejected" : "resolved"}: ${textOf(value)}`);
      this.rules.onOutcome(promised);
    };
    try {
      const promise = this.#call(what);
      promise.then((value) => end(false, value), (error) => end(true, error));
      return promise;
    } catch (error) {
      end(true, error);
      if (what.ask !== "use") this.fail(`${text} threw instead of rejecting: ${error}`);
      return undefined;
    }
  }

  ending(what: Ask, leaves: boolean): void {
    const { state, settled } = this.bus;
    this.endings.push({ at: this.busTime, state, settled, what });
    if (leaves) this.rules.onLeaving();
  }

  /** Whether a restart leads to the end; otherwise it is refused. */
  canRestart(): boolean {
    return this.plan.respawn !== undefined || this.plan.listeners.some((l) => l.channel === "restart");
  }

  #call(what: Ask): Promise<unknown> {
    const { bus } = this;
    switch (what.ask) {
      case "start":
        return bus.start();
      case "stop":
        return bus.stop();
      case "exit":
        return what.code === undefined ? bus.exit() : bus.exit(what.code);
      case "graceful":
        return bus.graceful();
      case "restart":
        return bus.restart();
      case "reload": {
        if (what.givenUp === undefined) return bus.reload(++this.#details);
        const controller = new AbortController();
        this.timer(what.givenUp, () => controller.abort());
        return bus.reload(++this.#details, { signal: controller.signal });
      }
      case "block":
        return bus.block();
      case "run":
        return bus.run();
      case "wait":
        return bus.wait(what.states, what.timeout === undefined ? {} : { timeout: what.timeout });
      case "hold":
        return bus.hold(
          (async () => await this.body("hold", "hold", { signal: undefined, phase: undefined }, what.act))(),
        );
      case "use":
        return useComponent(this, what.component).ready;
      case "remove": {
        const handle = [...this.handles.values()][what.component];
        if (!handle) return Promise.resolve();
        return handle.remove().then(() => {
          this.removed.add(handle.name);
        });
      }
      default:
        throw new Error(`not a call: ${what.ask}`);
    }
  }

  /** Whether a function may ask once more: two that keep asking for transitions would never come to rest. */
  mayAsk(act: Act): boolean {
    const times = (this.#asks.get(act) ?? 0) + 1;
    this.#asks.set(act, times);
    return times <= 2;
  }

  #ofPlatform(part: string, act: Act): unknown {
    return this.body("platform", part, { signal: undefined, phase: undefined }, act);
  }

  /** Calls one function of the program: notes its beginning and its end around what it does. */
  body(owner: string, part: string, context: Context, act: Act, listener?: ListenerPlan): unknown {
    const { bus, platform } = this;
    const body: Body = {
      owner,
      part,
      listener,
      phase: context.phase,
      state: bus.state,
      pulse: platform.pulses.length - 1,
      began: this.now,
      goal: bus.inspect().goal,
      isGuest: owner.startsWith("guest/"),
    };
    this.bodies.push(body);
    this.say(`${owner}.${part} begins${context.signal?.aborted ? ", its signal aborted" : ""}`);
    this.rules.onBegin(body);
    const end = (failed: boolean, atOnce: boolean, error?: unknown): void => {
      const inTime = context.phase ? atOnce || context.phase.left() > 0 : !context.signal?.aborted;
      body.ended = {
        at: this.now,
        pulse: platform.pulses.length - 1,
        failed,
        inTime,
        atOnce,
        ...(failed && { error }),
      };
      this.say(`${owner}.${part} ${failed ? `fails: ${textOf(error)}` : "ends"}${inTime ? "" : ", late"}`);
    };
    let value: unknown;
    try {
      value = perform(this, act, context, `${owner}.${part}`);
    } catch (error) {
      end(true, true, error);
      throw error;
    }
    if (act.does === "odd" && act.how === "return") {
      const came = comesOf(act.value);
      if (came === "hangs") this.say(`${owner}.${part} hangs`);
      else end(came === "fails", true, new Error("an odd thenable"));
      return value;
    }
    if (!(value instanceof Promise)) {
      end(false, true);
      return body;
    }
    return value.then(() => {
      end(false, false);
      return body;
    }, (error) => {
      end(true, false, error);
      throw error;
    });
  }

  /** All that a reader needs to see what went wrong. */
  report(): string {
    return [`${this.broken}`, "", ...this.trace].join("\n");
  }
}
