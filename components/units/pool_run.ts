/**
 * One life of a pool, from its start to its stop.
 * @module
 */
import process from "node:process";
import { textOf } from "../../src/errors.ts";
import type { Phase, Prepared, Reload } from "../../src/phase.ts";
import { processCarrier } from "./process_carrier.ts";
import { Crew } from "./crew.ts";
import { checkDuplicates, Duplicates } from "./duplicates.ts";
import { SOCKET_VARIABLES } from "./given_sockets.ts";
import { Measures } from "./measures.ts";
import type { Member } from "./member.ts";
import type { HeldSocket } from "./held_socket.ts";
import { holdSocket } from "./hold_socket.ts";
import type { PoolSettings } from "./pool_options.ts";
import type { PoolStatus } from "./pool_value.ts";
import { countProcessors } from "./processors.ts";
import { Recycling } from "./recycling.ts";
import { checkCloneable } from "./protocol.ts";
import { ReloadRounds } from "./reload_rounds.ts";
import { runtimeFlags } from "./runtime_flags.ts";
import type { SiteBus, SiteOfBus } from "./site.ts";
import { threadCarrier } from "./thread_carrier.ts";

/** A part of the time that units have is kept, so that they end before they are ended by force. */
const KEPT = 0.05;

/** So often a unit is reloaded alone, while further reloads overtake it. */
const MOST_TIMES = 100;

/** The parts of a pool. */
export interface PoolParts {
  readonly bus: SiteBus;
  readonly site: SiteOfBus;
  readonly settings: PoolSettings;
}

/** A pool that was started. */
export class PoolRun {
  readonly crew: Crew;
  readonly #bus: SiteBus;
  readonly #settings: PoolSettings;
  readonly #sockets: readonly HeldSocket[];
  readonly #recycling: Recycling;
  readonly #site: SiteOfBus;
  readonly #rounds: ReloadRounds = new ReloadRounds();
  readonly #measures: Measures;

  private constructor({ bus, site, settings }: PoolParts, sockets: readonly HeldSocket[]) {
    const { name, kind, entry, args, drainWithin, stopWithin, rights } = settings;
    const { clock } = bus.platform;
    const action = `Cannot start the pool "${name}"`;
    this.#bus = bus;
    this.#site = site;
    this.#settings = settings;
    this.#sockets = sockets;
    this.#measures = new Measures(clock);
    const held = () => sockets;
    const carrier = kind === "process"
      ? processCarrier({ flags: runtimeFlags(action, settings.flags), sockets: held, ids: settings.ids })
      : threadCarrier(new Duplicates(held));
    this.crew = new Crew({
      clock,
      log: (message, details) => bus.log(message, { pool: name, ...details }),
      nextId: () => site.table.nextId(),
      welcome: (slot) => site.welcome(`${name}/${slot}`, this.#recycling.connections()),
      joined: (member) => {
        site.table.add(member.unit);
        site.link(member, rights);
        this.#recycling.watch(member);
      },
      settle: (member) => this.#bringUp(member),
      heard: (member, message) => {
        this.#rounds.heard(member, message);
        this.#recycling.heard(member, message);
        this.#measures.heard(message);
        site.heard(member, message);
      },
    }, {
      ...settings,
      carrier,
      plan: (slot) => ({ entry, args, env: environment(settings, slot) }),
      endWithin: drainWithin + stopWithin,
      failsUpward: settings.onDegraded === "exit",
      atOnce: 2 * countProcessors(),
    });
    this.#recycling = new Recycling(this.crew, clock, settings);
  }

  /**
   * Holds the sockets and starts the units.
   * @throws {Error} Where a socket cannot be held, or a unit does not become ready; then nothing is left.
   */
  static async start(parts: PoolParts, phase: Phase): Promise<PoolRun> {
    const { site, settings } = parts;
    const { kind, listen, count, details, name } = settings;
    const places = Object.entries(listen);
    if (kind === "thread" && places.length > 0) checkDuplicates(`Cannot start the pool "${name}"`);
    site.giveDetails(details);
    const sockets: HeldSocket[] = [];
    let run: PoolRun | undefined;
    try {
      for (const [name, place] of places) sockets.push(await holdSocket(name, place));
      run = new PoolRun(parts, sockets);
      await run.crew.start(count, phase);
      run.#recycling.begin();
      return run;
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
  }

  /** Where each socket really listens. */
  get sockets(): Readonly<Record<string, { readonly address: string; readonly port: number | undefined }>> {
    return Object.fromEntries(this.#sockets.map(({ name, address, port }) => [name, { address, port }]));
  }

  /** Asks all units how they are; one that is late has neither memory nor requests. */
  async status(within: number): Promise<PoolStatus> {
    const { name, kind } = this.#settings;
    const { members, size, serving, history, isDegraded } = this.crew;
    const units = await Promise.all(members.map((member) => this.#measures.of(member, within)));
    const { rolling, lastRoll, degraded } = history;
    return {
      ...{ name, kind, count: size, serving: serving.length, rolling },
      ...isDegraded && degraded !== undefined && { degraded },
      ...lastRoll !== undefined && { lastRoll },
      units: units.filter(({ state }) => state !== "ended"),
    };
  }

  /** Settles when there is nothing more to be hoped for: rejects where the pool is degraded. */
  async work(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    await Promise.race([this.crew.failed, over]);
  }

  /** Passes while one unit serves. @throws {Error} Where none does. */
  check(): void {
    if (this.crew.serving.length > 0) return;
    throw new Error(`No unit of the pool "${this.#settings.name}" is ready`);
  }

  /**
   * Has all units prepare for a reload.
   * @throws {Error} Where one vetoes, ends, or cannot be told of it.
   */
  async reload(reload: Reload): Promise<Prepared> {
    const { name } = this.#settings;
    checkCloneable(`Cannot reload the units of the pool "${name}": "details"`, reload.details);
    const { details, signal } = reload;
    const generation = this.#site.generation + 1;
    const round = await this.#rounds.prepare(this.#serving(), { generation, details, signal });
    this.#site.addRound(round);
    return {
      rollback: () => {
        this.#site.removeRound(round);
        round.rollback();
      },
      commit: async () => {
        const failed = await round.commit();
        await Promise.all([...failed].map(([member, error]) => this.#replace(member, error)));
        // The units that became ready meanwhile.
        await Promise.all(
          this.#serving().map((member) => {
            return this.#bringUp(member)?.catch((error) => this.#replace(member, textOf(error)));
          }),
        );
      },
    };
  }

  /** Lets go of the sockets, and asks all units to exit; waits for them, as long as there is time. */
  async drain(phase: Phase): Promise<void> {
    this.#end();
    this.crew.close(this.#leftMs(phase));
    await settled(this.crew.allGone(), phase.signal);
  }

  /** Waits until all units are really gone; those that are late are ended by force. */
  async stop(phase: Phase): Promise<void> {
    this.#end();
    this.crew.close(phase.left() * (1 - KEPT));
    await settled(this.crew.allGone(), phase.signal);
    const killed = this.crew.killAll();
    if (killed.length > 0) {
      phase.log(`Ended by force, since the time for stop is over: ${killed.join(", ")}`, {
        level: "warn",
        component: this.#settings.name,
        event: "unit killed",
      });
    }
    await this.crew.allGone();
  }

  /** All units that serve, also one that waits in a roll until it is steady. */
  #serving(): readonly Member[] {
    return this.crew.members.filter(({ serves }) => serves);
  }

  /** A unit that runs with older settings is reloaded alone; undefined where it has the newest. */
  #bringUp(member: Member): Promise<void> | undefined {
    return member.generation < this.#site.generation ? this.#bringUpNow(member) : undefined;
  }

  async #bringUpNow(member: Member): Promise<void> {
    for (let times = 0; member.generation < this.#site.generation && times < MOST_TIMES; times++) {
      const { generation, details } = this.#site;
      const { signal } = new AbortController();
      const round = await this.#rounds.prepare([member], { generation, details, signal });
      for (const error of (await round.commit()).values()) await this.#replace(member, error);
      if (member.ending !== undefined) return;
    }
  }

  /** A unit that could not commit is replaced by one that starts with the settings of the site. */
  async #replace(member: Member, error: string): Promise<void> {
    const { name } = member.unit;
    this.#bus.log(`Unit "${name}" has voted for a reload and could not commit it, it is replaced: ${error}`, {
      level: "error",
      event: "unit failed",
      pool: this.#settings.name,
      unit: name,
    });
    // One that died is replaced by its crew.
    if (!member.isGone) await this.crew.renew(member, "asked");
  }

  #end(): void {
    this.#recycling.end();
    for (const socket of this.#sockets) socket.close();
  }

  /** The milliseconds that drain and stop have left, together. */
  #leftMs(phase: Phase): number {
    const { stopWithin } = this.#settings;
    const left = phase.left();
    // A notice gives stop no more than drain has.
    const forStop = phase.reason.leftMs === undefined ? stopWithin : Math.min(stopWithin, left);
    return (left + forStop) * (1 - KEPT);
  }
}

/** Waits for a promise, until the signal aborts. */
async function settled(promise: Promise<unknown>, signal: Phase["signal"]): Promise<void> {
  if (signal.aborted) return;
  await Promise.race([
    promise,
    new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
  ]);
}

/** The environment of a unit: that of this process, without what names its sockets. */
function environment({ name, env }: PoolSettings, slot: number): Record<string, string> {
  const own = { ...process.env, ...env, SITEBUS_UNIT: `${name}/${slot}`, SITEBUS_SLOT: String(slot) };
  for (const variable of SOCKET_VARIABLES) delete (own as Record<string, unknown>)[variable];
  return Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
