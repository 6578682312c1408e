/**
 * One node of a fleet: what it tells the others, and what it does when they ask.
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { textOf } from "../../src/errors.ts";
import { defer } from "../../src/internal.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { poolsOf } from "../units/pools_of.ts";
import type { Receipt } from "../units/protocol.ts";
import { type SiteBus, siteOf } from "../units/site.ts";
import type { Buckets } from "./buckets.ts";
import {
  type CommandEntry,
  type FleetMember,
  type GenerationEntry,
  type HaltedEntry,
  read,
  type RollEntry,
} from "./entries.ts";
import type { FleetSettings } from "./fleet_options.ts";
import { Generations } from "./generations.ts";
import { Link } from "./link.ts";
import { KEYS } from "./names.ts";
import type { KvEntryLike, MakeKvm, NatsConnectionLike } from "./nats_like.ts";
import { NodeCommands } from "./node_commands.ts";
import { NodeRoll } from "./node_roll.ts";
import { Presence } from "./presence.ts";
import { cpuShare, runtimeName } from "./this_process.ts";
import { type Watch, watchKeys } from "./watch.ts";

/** The part of a bus that its fleet needs: a `ProcessBus` of any channels has it. */
export type FleetBus = SiteBus & Pick<ProcessBus, "settled" | "wait" | "check">;

/** So long the start waits for the server. */
const JOIN_MS = 2_000;
/** So long a node that was restarted may take until it is ready. */
const READY_MS = 60_000;
const LOOK_MS = 50;

/** One node. */
export class FleetNode {
  readonly settings: FleetSettings;
  readonly bus: FleetBus;
  readonly generations: Generations;
  readonly #instance: string = crypto.randomUUID();
  readonly #roll: NodeRoll;
  readonly #commands: NodeCommands;
  readonly #load: () => number;
  /** Runs something outside of the phase of the bus that is under way. */
  readonly #outside: <T>(body: () => T) => T = AsyncLocalStorage.snapshot();
  /** Called when the connection is back. */
  whenReturned: () => void = () => {};
  #link: Link | undefined;
  #buckets: Buckets | undefined;
  #connection: NatsConnectionLike | undefined;
  #presence: Presence | undefined;
  #watch: Watch | undefined;
  /** The newest entry of each key that was taken. */
  readonly #taken = new Map<string, KvEntryLike>();
  /** Whether this process has joined before. */
  #hasJoined = false;
  /** Whether the node stays in the fleet while its bus stops and starts again. */
  #staysJoined = false;
  /** Whether the process ends in its turn, and its successor goes on. */
  #isRestarting = false;
  #run: { readonly over: boolean } | undefined;
  #unsubscribe: () => void = () => {};

  constructor(bus: FleetBus, settings: FleetSettings) {
    this.bus = bus;
    this.settings = settings;
    this.#load = settings.load ?? cpuShare(bus.platform.clock);
    const { clock } = bus.platform;
    const has = (right: string) => (settings.rights as readonly string[]).includes(right);
    this.generations = new Generations({
      clock,
      refusal: has("reload") ? undefined : 'the node does not grant the right "reload"',
      reload: (details) => bus.reload(details),
      changed: () => void this.#presence?.write(),
    });
    const buckets = () => this.#buckets;
    const newest = () => this.generations.newest;
    const sleep = (ms: number) => this.#link?.sleep(ms) ?? Promise.resolve();
    this.#roll = new NodeRoll({
      node: settings.node,
      clock,
      get buckets() {
        return buckets();
      },
      sleep,
      refusal: ({ how }) => has(how) ? undefined : `the node does not grant the right "${how}"`,
      turn: ({ how }) => this.#turn(how),
      ready: () => this.#untilReady(),
      told: async () => await this.#presence?.write(),
    });
    this.#commands = new NodeCommands({
      node: settings.node,
      bus: bus.name,
      rights: settings.rights,
      get generation() {
        return newest();
      },
      get buckets() {
        return buckets();
      },
      serverTime: () => clock.time() + (this.#presence?.aheadMs ?? 0),
      act: (command) => this.#act(command),
      afterwards: ({ act }) => {
        if (!("publish" in act) && isLast(act.request)) {
          void siteOf(bus).request(act.request, { scope: "isolate" });
        }
      },
      refused: (what, why) =>
        bus.log(`Refused "${what}" from the fleet "${settings.name}": ${why}`, {
          level: "warn",
          event: "refused",
          fleet: settings.name,
        }),
    });
  }

  /** The buckets and the connection, while the node has joined. */
  get joined(): { readonly buckets: Buckets; readonly connection: NatsConnectionLike } | undefined {
    const [buckets, connection] = [this.#buckets, this.#connection];
    return this.#link?.isConnected && buckets && connection ? { buckets, connection } : undefined;
  }

  /** Begins to join; waits for that, but not for long. */
  async open(makeKvm: MakeKvm): Promise<void> {
    await this.#outside(() => this.#open(makeKvm));
  }

  async #open(makeKvm: MakeKvm): Promise<void> {
    this.#followRun();
    if (this.#link !== undefined) return;
    const { name, connect, expireMs } = this.settings;
    const { clock } = this.bus.platform;
    this.#link = new Link({
      fleet: name,
      // It may throw, or return none, whatever its type says.
      connect: async () => await connect(),
      makeKvm,
      expireMs,
      clock,
      joined: (buckets, connection) => this.#joined(buckets, connection),
      returned: () => void this.#returned(),
      said: (message, details) => this.bus.log(message, { event: "fleet", fleet: name, ...details }),
    });
    await Promise.race([this.#link.tried, this.#link.sleep(JOIN_MS)]);
  }

  /** The bus stops. */
  async stop(): Promise<void> {
    this.#endRun();
    if (!this.#staysJoined) await this.close();
  }

  /** Leaves the fleet. */
  async close(): Promise<void> {
    this.#endRun();
    const link = this.#link;
    if (link === undefined) return;
    if (this.#isRestarting) {
      await this.#roll.leave();
      this.#presence?.end();
    } else {
      await within(this.#roll.abandon(), link);
      await within(this.#presence?.remove(), link);
    }
    this.#link = undefined;
    await link.close();
  }

  /** Notes when the bus runs, and when it does no more. */
  #followRun(): void {
    this.#endRun();
    const run = this.#run = { over: false };
    const drains = this.bus.subscribe("drain", () => {
      if (this.#run !== run) return;
      this.#endRun();
      void this.#presence?.write();
    }, { name: "fleet" });
    this.#unsubscribe = () => drains.unsubscribe();
    this.bus.wait("run").then(() => {
      if (this.#run !== run) return;
      this.generations.isRunning = true;
      void this.#presence?.write();
    }, () => {});
  }

  #endRun(): void {
    this.#run = undefined;
    this.#unsubscribe();
    this.generations.isRunning = false;
  }

  async #joined(buckets: Buckets, connection: NatsConnectionLike): Promise<() => void> {
    const { name, node } = this.settings;
    const link = this.#link!;
    const isFirst = !this.#hasJoined;
    this.#buckets = buckets;
    this.#connection = connection;
    const presence = this.#presence = new Presence({
      node,
      describe: () => this.#describe(),
      sleep: (ms) => link.sleep(ms),
      time: () => this.bus.platform.clock.time(),
      doubled: (other) =>
        this.bus.log(`Two processes are the node "${node}" of the fleet "${name}": give them other names`, {
          level: "warn",
          event: "fleet",
          status: "doubled",
          fleet: name,
          ...(other.pid !== undefined && { pid: other.pid }),
        }),
      failed: (error) =>
        this.bus.log(`Cannot tell the fleet "${name}" of the node "${node}": ${textOf(error)}`, {
          level: "warn",
          event: "fleet",
          status: "silent",
          fleet: name,
          error,
        }),
    }, buckets);
    if (isFirst) await this.#passOld(buckets);
    await presence.begin();
    this.#hasJoined = true;
    this.#roll.use(buckets);
    const watch = this.#watch = watchKeys(buckets.state, {
      key: ">",
      taken: (entry) => this.#take(entry),
      failed: () => {},
      sleep: (ms) => link.sleep(ms),
    });
    return () => {
      watch.stop();
      presence.end();
      if (this.#connection === connection) this.#buckets = this.#connection = undefined;
    };
  }

  /** The connection is back. */
  async #returned(): Promise<void> {
    const buckets = this.#buckets;
    if (buckets === undefined) return;
    this.#presence?.writeAnew();
    this.#roll.returned(buckets);
    this.#watch?.resume();
    this.whenReturned();
    // The watch tells all that was missed, but where the bucket was made anew meanwhile.
    for (const key of Object.values(KEYS)) {
      const entry = await buckets.state.get(key).catch(() => null);
      if (entry !== null && key !== KEYS.command) this.#take(entry);
    }
  }

  /** A command that is older than this process is not for it, and a roll has begun before it did. */
  async #passOld(buckets: Buckets): Promise<void> {
    const command = read<CommandEntry>(await buckets.state.get(KEYS.command));
    if (command !== undefined) this.#commands.pass(command);
    const generation = await buckets.state.get(KEYS.generation);
    if (generation !== null) this.#take(generation);
    const roll = read<RollEntry>(await buckets.state.get(KEYS.roll));
    if (roll !== undefined) await this.#roll.found(roll, buckets);
  }

  #take(entry: KvEntryLike): void {
    if (entry.key !== KEYS.command && this.#isOld(entry)) return;
    switch (entry.key) {
      case KEYS.generation: {
        const generation = read<GenerationEntry>(entry);
        if (generation !== undefined) this.generations.offer(generation);
        break;
      }
      case KEYS.roll: {
        const roll = read<RollEntry>(entry);
        if (roll !== undefined) this.#roll.offer(roll);
        break;
      }
      case KEYS.halted: {
        const halted = read<HaltedEntry>(entry);
        if (halted !== undefined) this.#roll.halt(halted);
        break;
      }
      case KEYS.command: {
        const command = read<CommandEntry>(entry);
        if (command !== undefined) this.#commands.offer(command, entry.created.getTime());
      }
    }
  }

  /** Whether something newer was taken. In a bucket that was made anew, revisions begin anew too. */
  #isOld(entry: KvEntryLike): boolean {
    const last = this.#taken.get(entry.key);
    if (last !== undefined && entry.revision <= last.revision && entry.created <= last.created) return true;
    this.#taken.set(entry.key, entry);
    return false;
  }

  #describe(): FleetMember {
    const { node, version, rights } = this.settings;
    const { bus, generations } = this;
    const { applied } = generations;
    const { rolling } = this.#roll;
    return {
      node,
      bus: bus.name,
      instance: this.#instance,
      pid: process.pid,
      runtime: runtimeName(),
      ...(version !== undefined && { version }),
      state: bus.state,
      ready: bus.state === "run" && bus.settled,
      generation: generations.current.generation,
      ...(applied !== undefined && { applied }),
      ...(rolling !== undefined && { roll: rolling }),
      load: this.#load(),
      rights,
    };
  }

  async #turn(how: RollEntry["how"]): Promise<void> {
    const pools = poolsOf(this.bus);
    if (pools.length > 0) await Promise.all(pools.map((pool) => pool.roll()));
    else if (how === "graceful") await this.#graceful();
    else {
      this.#isRestarting = true;
      try {
        await this.bus.restart();
      } finally {
        this.#isRestarting = false;
      }
    }
  }

  /** The bus is idle, and runs again; the node stays in the fleet meanwhile. */
  async #graceful(): Promise<void> {
    this.#staysJoined = true;
    // Whatever else may be asked meanwhile: a bus that ends leaves the fleet.
    const exits = this.bus.subscribe("exit", () => this.close(), { name: "fleet" });
    try {
      await this.bus.graceful();
    } finally {
      this.#staysJoined = false;
      exits.unsubscribe();
      if (this.#run === undefined) await this.close();
    }
    await this.#untilReady();
  }

  /** Waits until the bus runs, all its checks pass, and it has the newest generation, or has vetoed it. */
  async #untilReady(): Promise<void> {
    const until = defer<never>();
    const disarm = this.bus.platform.clock.setTimer(
      READY_MS,
      () => until.reject(new Error(`it was not ready within ${READY_MS} ms`)),
    );
    try {
      await Promise.race([this.bus.wait("run"), until.promise]);
      const isReady = async () => this.generations.isSettled && (await this.bus.check()).ready;
      while (!await Promise.race([isReady(), until.promise])) {
        await this.#link?.sleep(LOOK_MS);
        if (this.#run === undefined) throw new Error(`it is in "${this.bus.state}"`);
      }
    } finally {
      disarm();
    }
  }

  async #act({ act, to, withinMs }: CommandEntry): Promise<readonly Receipt[]> {
    const site = siteOf(this.bus);
    const name = to === undefined ? {} : { to };
    if ("publish" in act) {
      return await site.publish(act.publish, act.args, { scope: "tree", within: withinMs, ...name });
    }
    if (isLast(act.request)) return [{ bus: this.bus.name, path: "/", ok: true, ms: 0 }];
    if (act.request !== "graceful") {
      return await site.request(act.request, { scope: "isolate", within: withinMs });
    }
    const { name: bus, platform: { clock } } = this.bus;
    const began = clock.now();
    const error = await this.#graceful().then(() => undefined, textOf);
    const ms = clock.now() - began;
    return [{ bus, path: "/", ok: error === undefined, ms, ...(error !== undefined && { error }) }];
  }
}

/** Whether the node leaves the fleet by it, and so cannot tell how it ended. */
function isLast(goal: string): goal is "stop" | "exit" | "restart" {
  return goal === "stop" || goal === "exit" || goal === "restart";
}

/** Waits for a word to a server that may be away, not for long. */
async function within(promise: Promise<unknown> | undefined, link: Link): Promise<void> {
  await Promise.race([promise, link.sleep(link.isConnected ? 1_000 : 0)]);
}
