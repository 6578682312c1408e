/**
 * The work of a controller. All its state is in the bucket, so that it may die, and another one goes on.
 * @module
 */
import { checkKeys, checkMs, checkName, show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import { GOALS } from "../../src/states.ts";
import { defer } from "../../src/internal.ts";
import type { Clock } from "../../src/platform.ts";
import type { Act, Receipt } from "../units/protocol.ts";
import type { Buckets } from "./buckets.ts";
import {
  type CommandEntry,
  type FleetMember,
  type GenerationEntry,
  type HaltedEntry,
  read,
  type ReceiptsEntry,
  type RollEntry,
  type RollKind,
} from "./entries.ts";
import { KEYS } from "./names.ts";
import { KeptView } from "./kept_view.ts";
import { readMembers } from "./members_view.ts";
import { isConflict } from "./presence.ts";
import { type FleetRoll, follow, progressOf } from "./roll_following.ts";
import { type Watch, watchKeys } from "./watch.ts";

/** A reload of the fleet, and what became of it. */
export interface FleetReload {
  /** The generation that it has made. */
  readonly generation: number;
  /** Whether all members have it. */
  readonly ok: boolean;
  /** One receipt for each member that was there. */
  readonly receipts: readonly Receipt[];
}

/** How long something may take. */
export interface FleetReloadOptions {
  /** Milliseconds until a member that has not acknowledged is late. Default 30 000. */
  readonly within?: number;
  /** Called when a member has acknowledged, with how many have, of how many. */
  readonly progress?: (done: number, of: number) => void;
}

/** How a roll is done. */
export interface FleetRollOptions {
  /** How many nodes have their turn at the same time. Default 1. */
  readonly atOnce?: number;
  /** Whether the others go on after one has failed. Default false. */
  readonly keepGoing?: boolean;
  /** Milliseconds without any progress until the controller gives up following it. Default 120 000. */
  readonly within?: number;
  /** Called at each change, with the present parts of all. */
  readonly progress?: (roll: FleetRoll) => void;
}

/** Whom a command is for, and how long it holds. */
export interface FleetRequestOptions {
  /** Only the nodes of these names. Default: all members. */
  readonly nodes?: readonly string[];
  /** Only the buses of this name. */
  readonly to?: string;
  /** Milliseconds in which it may begin, and in which its receipts are waited for. Default 5 000. */
  readonly within?: number;
}

/** The state of a fleet. */
export interface FleetStatus {
  /** The newest generation; 0 before the first. */
  readonly generation: number;
  /** The members that are there now. */
  readonly members: readonly FleetMember[];
  /** The newest roll. */
  readonly roll?: FleetRoll;
}

/** The parts that a controller uses. */
export interface ControllerHost {
  readonly fleet: string;
  readonly clock: Clock;
  /** The buckets, and the most bytes of a message. @throws {Error} Where the server cannot be reached. */
  reach(action: string): { readonly buckets: Buckets; readonly mostBytes: number };
}

const RELOAD_MS = 30_000;
const REQUEST_MS = 5_000;
const ROLL_MS = 120_000;
/** So often a number is tried again that another controller took. */
const TRIES = 20;
/** Room for the subject and the headers. */
const HEAD_BYTES = 1_024;

/** A controller. */
export class Controller {
  readonly #host: ControllerHost;
  readonly #view: KeptView;

  constructor(host: ControllerHost) {
    this.#host = host;
    this.#view = new KeptView(host.clock);
  }

  /** The connection is back. */
  returned(): void {
    this.#view.resume();
  }

  /** Lets go of what it watches. */
  close(): void {
    this.#view.close();
  }

  /** The members that are there now. */
  async members(): Promise<readonly FleetMember[]> {
    return await readMembers(
      this.#host.reach(`Cannot read the members of the fleet "${this.#host.fleet}"`).buckets,
    );
  }

  /** The state of the fleet as far as it is known. */
  async status(): Promise<FleetStatus> {
    const { buckets } = this.#host.reach(`Cannot read the fleet "${this.#host.fleet}"`);
    const generation = read<GenerationEntry>(await buckets.state.get(KEYS.generation))?.generation ?? 0;
    const roll = read<RollEntry>(await buckets.state.get(KEYS.roll));
    const members = await readMembers(buckets);
    if (roll === undefined) return { generation, members };
    const halted = read<HaltedEntry>(await buckets.state.get(KEYS.halted));
    const byName = new Map(members.map((member) => [member.node, member]));
    return { generation, members, roll: progressOf(roll, byName, halted) };
  }

  /** Puts a generation, and waits until all members have acknowledged it. */
  async reload(details: unknown, options: FleetReloadOptions = {}): Promise<FleetReload> {
    const action = `Cannot reload the fleet "${this.#host.fleet}"`;
    checkKeys(action, options, ["within", "progress"]);
    const within = checkMs(action, "within", options.within ?? RELOAD_MS);
    const { buckets, mostBytes } = this.#host.reach(action);
    checkJson(action, "the details", details);
    const id = crypto.randomUUID();
    const { clock } = this.#host;
    const began = clock.now();
    const receipts = new Map<string, Receipt>();
    let generation = Infinity;
    let there: readonly FleetMember[] = [];
    const enough = defer<void>();
    const take = ({ node, bus, applied }: FleetMember) => {
      if (applied === undefined || applied.generation < generation || receipts.has(node)) return;
      const { ok, error } = applied;
      const ms = Math.round(clock.now() - began);
      receipts.set(node, { bus, path: node, ok, ms, ...(error !== undefined && { error }) });
      options.progress?.(receipts.size, Math.max(receipts.size, there.length));
    };
    const look = () => there.every(({ node }) => receipts.has(node)) && enough.resolve();
    const { view, members, release } = await this.#view.use(buckets, (member) => {
      if (generation === Infinity) return;
      take(member);
      look();
    });
    there = members;
    const disarm = clock.setTimer(within, enough.resolve);
    try {
      const put = await this.#put(action, KEYS.generation, mostBytes, (before) => {
        const { generation = 0 } = read<GenerationEntry>(before) ?? {};
        return { generation: generation + 1, id, details } satisfies GenerationEntry;
      });
      generation = put.generation;
      for (const member of view.members.values()) take(member);
      look();
      await enough.promise;
    } finally {
      disarm();
      release();
    }
    for (const { node, bus } of there) {
      if (receipts.has(node)) continue;
      const error = `it did not acknowledge within ${within} ms`;
      receipts.set(node, { bus, path: node, ok: false, ms: within, error });
    }
    const all = [...receipts.values()];
    return { generation, ok: all.every(({ ok }) => ok), receipts: all };
  }

  /**
   * Begins a roll and follows it, or follows the one that is under way.
   * @throws {Error} Where one of another kind is under way.
   */
  async roll(how: RollKind, options: FleetRollOptions = {}): Promise<FleetRoll> {
    const action = `Cannot roll the fleet "${this.#host.fleet}"`;
    checkKeys(action, options, ["atOnce", "keepGoing", "within", "progress"]);
    const { atOnce = 1, keepGoing = false, progress = () => {} } = options;
    if (how !== "restart" && how !== "graceful") {
      throw new TypeError(`${action}: ${show(how)} is unknown, expected restart or graceful`);
    }
    if (!Number.isInteger(atOnce) || atOnce < 1) {
      throw new RangeError(`${action}: "atOnce" is ${show(atOnce)}, expected an integer of at least 1`);
    }
    const within = checkMs(action, "within", options.within ?? ROLL_MS);
    const { buckets, mostBytes } = this.#host.reach(action);
    const members = await readMembers(buckets);
    const byName = new Map(members.map((member) => [member.node, member]));
    const halted = read<HaltedEntry>(await buckets.state.get(KEYS.halted));
    const id = crypto.randomUUID();
    const roll = await this.#put<RollEntry>(action, KEYS.roll, mostBytes, (before) => {
      const other = read<RollEntry>(before);
      if (other !== undefined && !progressOf(other, byName, halted).isOver) {
        if (other.how === how) return undefined;
        throw new Error(`${action}: a roll of the kind "${other.how}" is under way`);
      }
      return { id, how, atOnce, keepGoing, members: members.map(({ node }) => node) };
    });
    return await follow({ roll, there: members, buckets, clock: this.#host.clock, within, progress });
  }

  /** Asks nodes for something, and waits for their receipts. */
  async request(act: Act, options: FleetRequestOptions = {}): Promise<readonly Receipt[]> {
    const what = "publish" in act ? `publish on "${act.publish}"` : `request ${show(act.request)}`;
    const action = `Cannot ${what} in the fleet "${this.#host.fleet}"`;
    checkKeys(action, options, ["nodes", "to", "within"]);
    if (!("publish" in act) && !(GOALS as readonly string[]).includes(act.request)) {
      throw new TypeError(`${action}: expected one of ${GOALS.join(", ")}`);
    }
    const { nodes, to } = options;
    if (to !== undefined) checkName(`${action}: "to"`, to);
    checkJson(action, "what is sent", act);
    const within = checkMs(action, "within", options.within ?? REQUEST_MS);
    const { buckets, mostBytes } = this.#host.reach(action);
    const members = await readMembers(buckets);
    const asked = nodes === undefined ? members : members.filter(({ node }) => nodes.includes(node));
    const id = crypto.randomUUID();
    const { generation = 0 } = read<GenerationEntry>(await buckets.state.get(KEYS.generation)) ?? {};
    const receipts = new Map<string, readonly Receipt[]>();
    const command: CommandEntry = {
      id,
      generation,
      expiresMs: within,
      withinMs: within * 0.9,
      act,
      ...(nodes !== undefined && { nodes }),
      ...(to !== undefined && { to }),
    };
    await this.#put(action, KEYS.command, mostBytes, () => command);
    await this.#watchReceipts(buckets, { id, within, receipts, count: asked.length });
    for (const { node, bus } of asked) {
      if (receipts.has(node) || to !== undefined && to !== bus) continue;
      receipts.set(node, [{
        bus,
        path: node,
        ok: false,
        ms: within,
        error: `it did not answer within ${within} ms`,
      }]);
    }
    return [...receipts.values()].flat();
  }

  /** Writes what is made of what was there; tries again where another controller was faster. Where nothing is made, that stays. */
  async #put<T extends object>(
    action: string,
    key: string,
    mostBytes: number,
    make: (before: Parameters<typeof read>[0]) => T | undefined,
  ): Promise<T> {
    const { buckets: { state } } = this.#host.reach(action);
    for (let tries = 1;; tries++) {
      const before = await this.#tell(action, () => state.get(key));
      const made = make(before);
      if (made === undefined) return read<T>(before)!;
      const text = JSON.stringify(made);
      const bytes = new TextEncoder().encode(text).length;
      if (bytes > mostBytes - HEAD_BYTES) {
        throw new RangeError(
          `${action}: it has ${bytes} bytes, and the server takes ${mostBytes - HEAD_BYTES}`,
        );
      }
      try {
        await (before === null || before.operation !== "PUT"
          ? state.create(key, text)
          : state.update(key, text, before.revision));
        return made;
      } catch (error) {
        if (tries === TRIES || !isConflict(error)) {
          throw new Error(`${action}: ${textOf(error)}`, { cause: error });
        }
      }
    }
  }

  async #tell<T>(action: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      throw new Error(`${action}: ${textOf(error)}`, { cause: error });
    }
  }

  async #watchReceipts(
    buckets: Buckets,
    { id, within, receipts, count }: {
      readonly id: string;
      readonly within: number;
      readonly receipts: Map<string, readonly Receipt[]>;
      readonly count: number;
    },
  ): Promise<void> {
    if (count === 0) return;
    const { clock } = this.#host;
    let watch: Watch | undefined;
    await new Promise<void>((resolve) => {
      const disarm = clock.setTimer(within, resolve);
      watch = watchKeys(buckets.live, {
        key: `receipt.${id}.*`,
        taken: (entry) => {
          const found = read<ReceiptsEntry>(entry);
          if (found === undefined) return;
          receipts.set(found.node, found.receipts);
          if (receipts.size < count) return;
          disarm();
          resolve();
        },
        failed: () => {},
        sleep: (ms) => new Promise((resolve) => void clock.setTimer(ms, resolve)),
      });
    });
    watch?.stop();
  }
}

/** Refuses what JSON cannot carry. @throws {TypeError} Naming it. */
function checkJson(action: string, what: string, value: unknown): void {
  if (value === undefined) return;
  try {
    if (JSON.stringify(value) !== undefined) return;
  } catch (cause) {
    throw new TypeError(`${action}: ${what} cannot be written as JSON: ${textOf(cause)}`, { cause });
  }
  throw new TypeError(`${action}: ${what} cannot be written as JSON`);
}
