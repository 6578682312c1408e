/**
 * One living unit in the hands of its site: what it says, and how it ends.
 * @module
 */
import { defer, type Deferred } from "../../src/internal.ts";
import type { Clock } from "../../src/platform.ts";
import type { State } from "../../src/states.ts";
import type { Carried, CarriedEnd, Carrier, SpawnPlan } from "./carrier.ts";
import { isToSite, type ToSite, type ToUnit, type Welcome } from "./protocol.ts";
import type { Unit, UnitEnd } from "./unit.ts";

/** The parts of a member. */
export interface MemberOptions {
  readonly id: number;
  readonly carrier: Carrier;
  readonly plan: SpawnPlan;
  readonly clock: Clock;
  /** The first word to it, asked for when it says hello. */
  welcome(): Omit<Welcome, "sitebus">;
  /** Its bus runs: what is to be done before it counts as ready; undefined where that is nothing. */
  settle(member: Member): Promise<void> | undefined;
  /** Is told all that it says, but for what makes its state. */
  heard(member: Member, message: ToSite): void;
}

/** A unit that was started by its site. */
export class Member {
  /** The public view of it. */
  readonly unit: Unit;
  /** The name of its bus, once it has said it. */
  bus: string | undefined;
  /** Whether its runtime is being inspected: it may then stand still for as long as somebody looks. */
  inspected = false;
  /** Why it will end, where its site wants it to. */
  ending: "asked" | "recycled" | "killed" | undefined;
  /** Whether it accepts no more connections, and will end by itself. */
  full = false;
  /** The error that kept it from starting, or that nobody caught. */
  error: unknown;
  /** How it ended, in words, such as "exited with 3". */
  how = "";
  /** Its exit code, where it has ended with one. */
  code: number | undefined;
  /** The generation of settings that it runs with. */
  generation = 0;
  readonly #options: MemberOptions;
  readonly #carried: Carried;
  readonly #ready: Deferred<void> = defer();
  readonly #ended: Deferred<UnitEnd> = defer();
  readonly #gone: Deferred<void> = defer();
  readonly #startedAt: number;
  #state: Unit["state"] = "spawned";
  #settled = false;

  constructor(options: MemberOptions) {
    const { carrier, plan, clock, id } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#carried = carrier.start(plan, {
      received: (message) => this.#received(message),
      ended: (end) => this.#end(end),
      lost: () => this.#lose(),
    });
    this.unit = unitOf(this, {
      id,
      name: plan.name,
      kind: carrier.kind,
      since: clock.time(),
      pid: this.#carried.pid,
      ready: this.#ready.promise,
      ended: this.#ended.promise,
    });
  }

  /** Where its bus stands. */
  get state(): Unit["state"] {
    return this.#state;
  }

  /** Whether its bus runs and has settled, and it was not asked to end. */
  get serves(): boolean {
    return this.#state === "run" && this.#settled && this.ending === undefined && !this.full;
  }

  /** Resolves when nothing more is to be waited for: at its end, or where the runtime will not tell of that. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Whether nothing more is to be waited for. */
  get isGone(): boolean {
    return this.#state === "ended" || this.#state === "unknown";
  }

  /** Says something to it. */
  send(message: ToUnit): void {
    if (!this.isGone) this.#carried.send(message);
  }

  /** Asks it to exit within so many milliseconds. */
  ask(why: "asked" | "recycled", leftMs: number): void {
    if (this.ending === "killed") return;
    // One whose bus has said nothing yet hears nothing, and has nothing to stop in order.
    if (this.bus === undefined && !this.#options.carrier.bySignals) return this.kill();
    this.ending ??= why;
    this.send({ sitebus: "exit", name: why === "asked" ? "site" : "recycled", leftMs });
  }

  /** Ends it by force. */
  kill(): void {
    if (this.isGone) return;
    this.ending = "killed";
    this.#carried.kill();
  }

  #received(message: unknown): void {
    if (this.isGone || !isToSite(message)) return;
    if (message.sitebus === "hello") {
      this.bus = message.bus;
      this.inspected = message.inspected;
      const welcome = this.#options.welcome();
      this.generation = welcome.generation;
      this.send({ sitebus: "welcome", ...welcome });
    } else if (message.sitebus === "state") this.#enter(message.state, message.settled);
    else if (message.sitebus === "full") this.full = true;
    this.#options.heard(this, message);
  }

  #enter(state: State, settled: boolean): void {
    this.#state = state;
    this.#settled = settled;
    if (state !== "run" || !settled || this.#ready.settled) return;
    const pending = this.#options.settle(this);
    if (pending === undefined) this.#ready.resolve();
    else pending.then(() => this.#ready.resolve(), (error) => this.#ready.reject(error));
  }

  #end(end: CarriedEnd): void {
    if (this.isGone) return;
    this.#state = "ended";
    this.#settled = false;
    this.error = end.error;
    this.how = howText(end);
    this.code = end.code;
    this.#ready.reject(new Error(endText(this.unit, end), { cause: end.error }));
    this.#ended.resolve(this.#endOf(end));
    this.#gone.resolve();
  }

  #lose(): void {
    if (this.isGone) return;
    this.#state = "unknown";
    this.#ready.reject(new Error(`The unit "${this.unit.name}" was ended by force before it was ready`));
    this.#gone.resolve();
  }

  #endOf({ code, signal }: CarriedEnd): UnitEnd {
    return {
      // One that is full ends by itself, and in good order.
      why: this.ending ?? (this.full && code === 0 ? "recycled" : "failed"),
      ...(code !== undefined && { code }),
      ...(signal !== undefined && { signal }),
      ms: this.#options.clock.now() - this.#startedAt,
    };
  }
}

/** How a unit ended, in words. */
function endText({ name }: Unit, { code, signal, error }: CarriedEnd): string {
  if (error !== undefined) {
    return `The unit "${name}" failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  return `The unit "${name}" ${howText({ code, signal })} before it was ready`;
}

function howText(
  { code, signal }: { readonly code?: number | undefined; readonly signal?: string | undefined },
): string {
  return signal === undefined ? `exited with ${code ?? 0}` : `was ended by ${signal}`;
}

/** A view of it that leads to nothing of the site. */
function unitOf(
  member: Member,
  { pid, ...fixed }: Omit<Unit, "state" | "generation" | "pid"> & { readonly pid: number | undefined },
): Unit {
  return Object.freeze({
    ...fixed,
    ...(pid !== undefined && { pid }),
    get state() {
      return member.state;
    },
    get generation() {
      return member.generation;
    },
  });
}
