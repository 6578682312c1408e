/**
 * The units of one pool: started, replaced where one fails, rolled, recycled, and ended. It does not know what carries
 * them.
 * @module
 */
import { defer, type Deferred } from "../../src/internal.ts";
import { textOf } from "../../src/errors.ts";
import type { Phase } from "../../src/phase.ts";
import type { CrewHost, CrewOptions } from "./crew_host.ts";
import { History } from "./history.ts";
import { launch } from "./launch.ts";
import { Member } from "./member.ts";
import type { ToSite } from "./protocol.ts";
import { Restarts } from "./restarts.ts";
import { parallel, type Serial, serial } from "./serial.ts";
import { Slot } from "./slot.ts";
import type { Unit } from "./unit.ts";
import { pause } from "./waiting.ts";

/** The part of what is left of a start that was given up, in which units may end by themselves. */
const GIVEN_UP_PART = 0.8;

/** How long a unit may take to end by itself after the time that it was given, in milliseconds. */
const GRACE_MS = 500;

/** The units of one pool. */
export class Crew {
  /** What became of the rolls, and of units that failed. */
  readonly history: History;
  readonly #host: CrewHost;
  readonly #options: CrewOptions;
  readonly #slots: Slot[] = [];
  readonly #restarts: Restarts;
  /** Rolls, recycling and changes of size: never two slots at the same time. */
  readonly #turn: Serial = serial();
  readonly #starting: Serial;
  readonly #failed: Deferred<never> = defer();
  readonly #closing: AbortController = new AbortController();
  /** A roll that waits for its turn, for those who asked meanwhile. */
  #rolling: Promise<void> | undefined;

  constructor(host: CrewHost, options: CrewOptions) {
    this.#host = host;
    this.#options = options;
    this.history = new History(host.clock);
    this.#restarts = new Restarts(options);
    this.#starting = parallel(options.atOnce);
  }

  /** Rejects where the pool is degraded, and that is to be the end of it. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Whether units end more often than they may. */
  get isDegraded(): boolean {
    const degraded = this.#restarts.isDegraded(this.#host.clock.now());
    if (!degraded) this.history.degraded = undefined;
    return degraded;
  }

  /** How many units there are to be. */
  get size(): number {
    return this.#slots.length;
  }

  /** All units that are not at their end. */
  get members(): readonly Member[] {
    return this.#slots.flatMap(({ members }) => [...members]);
  }

  /** The units that serve. */
  get serving(): readonly Member[] {
    return this.#slots.flatMap(({ current }) => current?.serves ? [current] : []);
  }

  /** All units, as everybody may see them. */
  get units(): readonly Unit[] {
    return this.members.map(({ unit }) => unit);
  }

  /**
   * Starts so many units, and resolves when all are ready.
   * @throws {Error} Where one is not, or the phase was aborted, with the signal's reason; then none is left.
   */
  async start(count: number, phase: Pick<Phase, "signal" | "left">): Promise<void> {
    const { signal } = phase;
    const giveUp = () => void this.#endWithin(phase.left() * GIVEN_UP_PART);
    if (signal.aborted) throw signal.reason;
    signal.addEventListener("abort", giveUp);
    for (let index = 1; index <= count; index++) this.#slots.push(new Slot(index));
    try {
      await Promise.all(this.#slots.map((slot) => this.#launchInto(slot)));
      if (this.#closing.signal.aborted) throw signal.reason;
    } catch (error) {
      // One is missing, so that none of the others is of use.
      if (!signal.aborted) this.killAll();
      await this.allGone();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async #endWithin(ms: number): Promise<void> {
    this.close(ms);
    await pause(this.#host.clock, ms, { until: this.allGone() });
    this.killAll();
  }

  /** Asks all units to exit within so many milliseconds. From now on none is started. */
  close(leftMs: number): void {
    this.#closing.abort();
    for (const member of this.members) member.ask("asked", leftMs);
  }

  /** Resolves when no unit is left. */
  async allGone(): Promise<void> {
    while (this.members.length > 0) await Promise.all(this.members.map(({ gone }) => gone));
  }

  /** Ends what is left by force; returns the names of those it had to. */
  killAll(): readonly string[] {
    this.#closing.abort();
    const left = this.members;
    for (const member of left) member.kill();
    return left.map(({ unit }) => unit.name);
  }

  /**
   * Replaces all units, slot by slot. A call that is made before a roll has begun joins it.
   * @throws {Error} Where a new unit does not become ready: the old ones stay.
   */
  roll(): Promise<void> {
    return this.#rolling ??= this.#turn(async () => {
      this.#rolling = undefined;
      const since = this.#host.clock.now();
      const { name } = this.#options;
      this.history.rolling = true;
      this.#host.log(`Pool "${name}" is rolling`, { level: "debug", event: "pool rolling" });
      try {
        for (const slot of [...this.#slots]) await this.#renew(slot, "asked");
        if (this.#closing.signal.aborted) {
          throw new Error(`Cannot roll the pool "${name}" to its end: it stops`);
        }
        const ms = this.history.rolled(since);
        this.#host.log(`Pool "${name}" is rolled`, { level: "info", event: "pool rolled", ms });
      } catch (error) {
        if (this.#closing.signal.aborted) throw error;
        const ms = this.history.rolled(since, { error });
        const message = `The roll of pool "${name}" failed, the old units stay: ${textOf(error)}`;
        this.#host.log(message, { level: "error", event: "pool roll failed", error, ms });
        throw error;
      } finally {
        this.history.rolling = false;
      }
    });
  }

  /** Replaces the unit of one slot, where it still has it. */
  renew(member: Member, why: "asked" | "recycled"): Promise<void> {
    return this.#turn(async () => {
      const slot = this.#slots.find(({ current }) => current === member);
      if (slot !== undefined) await this.#renew(slot, why);
    });
  }

  /**
   * Makes the pool larger or smaller.
   * @throws {Error} Where a new unit does not become ready: the pool stays as large as it was.
   */
  scale(count: number): Promise<void> {
    return this.#turn(async () => {
      const added: Slot[] = [];
      while (this.#slots.length < count) {
        const slot = new Slot(this.#slots.length + 1);
        added.push(slot);
        this.#slots.push(slot);
      }
      try {
        await Promise.all(added.map((slot) => this.#launchInto(slot)));
      } catch (error) {
        await Promise.all(added.map((slot) => this.#remove(slot)));
        throw error;
      }
      await Promise.all(this.#slots.slice(count).map((slot) => this.#remove(slot)));
    });
  }

  /** Starts a unit in a slot that has none. */
  #launchInto(slot: Slot): Promise<void> {
    return slot.change(async () => {
      if (slot.current !== undefined || slot.isClosed || this.#closing.signal.aborted) return;
      this.#take(slot, await this.#launch(slot));
    });
  }

  #launch(slot: Slot): Promise<Member> {
    return this.#starting(async () => {
      if (this.#closing.signal.aborted) throw new Error(`The pool "${this.#options.name}" ends`);
      const { name, carrier, plan, readyWithin } = this.#options;
      const { clock } = this.#host;
      const member = new Member({
        id: this.#host.nextId(),
        carrier,
        plan: { ...plan(slot.index), name: `${name}/${slot.index}` },
        clock,
        welcome: () => this.#host.welcome(slot.index),
        settle: (member) => this.#host.settle(member),
        heard: (member, message) => this.#heard(slot, member, message),
      });
      slot.members.add(member);
      void member.gone.then(() => {
        slot.members.delete(member);
        if (slot.current === member) this.#lost(slot, member);
      });
      this.#host.joined(member);
      return await launch(member, { clock, readyWithin });
    });
  }

  /** A unit that is ready has the slot from now on. */
  #take(slot: Slot, member: Member): void {
    const { unit } = member;
    slot.current = member;
    this.#host.log(`Unit "${unit.name}" is ready`, {
      level: "info",
      event: "unit ready",
      unit: unit.name,
      pid: unit.pid,
    });
    // It may have ended in this very moment, or have had its last connection already.
    if (member.isGone) this.#lost(slot, member);
    else if (member.full) this.#replaceFull(slot, member);
  }

  /** Replaces the unit of a slot: the new one is ready, and steady, before the old one is asked to exit. */
  async #renew(slot: Slot, why: "asked" | "recycled"): Promise<void> {
    const old = await slot.change(async () => {
      if (slot.isClosed || this.#closing.signal.aborted) return undefined;
      const old = slot.current;
      const next = await this.#launch(slot);
      await this.#steady(next);
      // An old one that ended meanwhile had its end counted; its place is filled now.
      this.#take(slot, next);
      return old;
    });
    if (old !== undefined) await this.#retire(old, why);
  }

  async #steady(member: Member): Promise<void> {
    const { steadyMs } = this.#options;
    if (steadyMs > 0) await pause(this.#host.clock, steadyMs, { until: member.gone });
    if (!member.isGone) return;
    throw new Error(`The unit "${member.unit.name}" ended within ${steadyMs} ms after it was ready`, {
      cause: member.error,
    });
  }

  /** Asks a unit to exit, and ends it by force where it does not. */
  async #retire(member: Member, why: "asked" | "recycled"): Promise<void> {
    const { endWithin } = this.#options;
    member.ask(why, endWithin);
    await pause(this.#host.clock, endWithin + GRACE_MS, { until: member.gone });
    this.#killLate(member, endWithin);
    await member.gone;
  }

  /** Ends a unit by force that does not answer; it is replaced. */
  killStuck(member: Member, ms: number): void {
    const { name, pid } = member.unit;
    const message = `Unit "${name}" is ended by force: it has not answered for ${Math.round(ms)} ms`;
    this.#host.log(message, { level: "error", event: "unit killed", unit: name, pid });
    member.kill();
  }

  #killLate(member: Member, ms: number): void {
    if (member.isGone) return;
    const { name, pid } = member.unit;
    const message = `Unit "${name}" is ended by force: it did not exit within ${ms} ms`;
    this.#host.log(message, { level: "warn", event: "unit killed", unit: name, pid });
    member.kill();
  }

  async #remove(slot: Slot): Promise<void> {
    slot.isClosed = true;
    await slot.change(async () => {
      const index = this.#slots.indexOf(slot);
      if (index >= 0) this.#slots.splice(index, 1);
      await Promise.all([...slot.members].map((member) => this.#retire(member, "asked")));
    });
  }

  /** A unit accepts nothing any more: its successor starts at once, and it ends when it has answered. */
  #replaceFull(slot: Slot, member: Member): void {
    slot.current = undefined;
    void this.#retire(member, "recycled");
    slot.isUsedUp = true;
    void this.#fill(slot);
  }

  #heard(slot: Slot, member: Member, message: ToSite): void {
    const isCurrent = slot.current === member;
    if (message.sitebus === "full") {
      if (isCurrent) this.#replaceFull(slot, member);
    } else if (message.sitebus === "worn" && isCurrent) this.recycle(member, "it has had enough connections");
    else if (message.sitebus === "renew") void this.#renewFor(member);
    else this.#host.heard(member, message);
  }

  /** A unit is to start anew: it waits until its successor is ready. */
  async #renewFor(member: Member): Promise<void> {
    try {
      await this.renew(member, "asked");
    } catch (error) {
      const { name } = member.unit;
      const message = `Unit "${name}" was to start anew and could not be replaced: ${textOf(error)}`;
      this.#host.log(message, { level: "error", event: "unit failed", unit: name, error });
      member.send({ sitebus: "not renewed" });
    }
  }

  /** Replaces a unit that has done its share; where that fails it stays, and is asked no more until it says so again. */
  recycle(member: Member, reason: string): void {
    const { name, pid } = member.unit;
    const message = `Unit "${name}" is recycled: ${reason}`;
    this.#host.log(message, { level: "info", event: "unit recycled", unit: name, pid });
    void this.renew(member, "recycled").catch((error) => {
      const message = `Unit "${name}" could not be recycled, it stays: ${textOf(error)}`;
      this.#host.log(message, { level: "error", event: "unit failed", unit: name, error });
    });
  }

  /** The unit of a slot is gone. */
  #lost(slot: Slot, member: Member): void {
    slot.current = undefined;
    if (this.#closing.signal.aborted || slot.isClosed) return;
    const { name, pid } = member.unit;
    if (member.ending === undefined) {
      const { error } = member;
      const said = error === undefined ? "" : `: ${textOf(error)}`;
      const message = `Unit "${name}" ended, and nobody had asked it to${said}`;
      this.#host.log(message, { level: "error", event: "unit failed", unit: name, pid, error });
    }
    void this.#fill(slot);
  }

  /** Fills a slot, however often it takes, unless somebody else has filled it. */
  async #fill(slot: Slot): Promise<void> {
    if (slot.isFilling) return;
    slot.isFilling = true;
    const { clock } = this.#host;
    while (this.#isWanted(slot)) {
      const wait = slot.isUsedUp ? 0 : this.#restarts.next(slot.index, clock.now());
      slot.isUsedUp = false;
      this.#lookForDegraded();
      await pause(clock, wait, { signal: this.#closing.signal });
      try {
        await this.#launchInto(slot);
      } catch (error) {
        if (this.#closing.signal.aborted) break;
        const unit = `${this.#options.name}/${slot.index}`;
        const message = `Unit "${unit}" could not be replaced: ${textOf(error)}`;
        this.#host.log(message, { level: "error", event: "unit failed", unit, error });
      }
    }
    slot.isFilling = false;
  }

  #isWanted(slot: Slot): boolean {
    return slot.current === undefined && !slot.isClosed && !this.#closing.signal.aborted;
  }

  /** Says once that units end too often. */
  #lookForDegraded(): void {
    const { name, maxRestarts, restartWindowMs, failsUpward } = this.#options;
    if (!this.isDegraded || this.history.degraded !== undefined) return;
    const restarts = this.#restarts.count(this.#host.clock.now());
    this.history.fails({ restarts, maxRestarts, restartWindowMs });
    const message =
      `Pool "${name}" is degraded: more than ${maxRestarts} of its units were replaced within ` +
      `${restartWindowMs} ms; from now on one is replaced every 10 s`;
    this.#host.log(message, {
      level: "error",
      event: "pool degraded",
      restarts,
      maxRestarts,
      restartWindowMs,
    });
    if (failsUpward) this.#failed.reject(new Error(message));
  }
}
