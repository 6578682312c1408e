/**
 * A site: one bus as a part of the tree of buses, with its table of units.
 * @module
 */
import type { Bus } from "../../src/bus.ts";
import { checkKeys, checkMs, checkName, show } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { type Goal, GOALS } from "../../src/states.ts";
import type { Right } from "../../src/guest.ts";
import type { Member } from "./member.ts";
import { type Act, checkCloneable, type Receipt, type Scope, type ToSite, type Welcome } from "./protocol.ts";
import { renewByGraceful } from "./renewal.ts";
import type { PreparedRound } from "./reload_rounds.ts";
import { countFailures, type FailureCount } from "./reload_failures.ts";
import { Router } from "./router.ts";
import type { Asked, TreeLink } from "./tree_link.ts";
import type { Unit, UnitChannels } from "./unit.ts";
import { UnitTable } from "./unit_table.ts";
import { type UpLink, upLinkOf } from "./up_link.ts";

/** The part of a bus that its site, its pools and its tasks need: a `ProcessBus` of any channels has it. */
export type SiteBus = Pick<
  ProcessBus,
  | "name"
  | "platform"
  | "state"
  | "log"
  | "subscribe"
  | "inspect"
  | "hold"
  | "reload"
  | "start"
  | "stop"
  | "exit"
  | "graceful"
  | "restart"
>;

/** Whom something is for, and how far it goes. */
export interface PublishOptions {
  /** `isolate`: this bus alone. `process`: all in this process. `tree`: all of the site, its sites and its units. */
  readonly scope: Scope;
  /** Only the buses of this name. */
  readonly to?: string;
  /** Milliseconds until a receipt that did not come is late. Default 5 000. */
  readonly within?: number;
}

/** A request, and the buses that it is made of. */
export interface RequestOptions extends PublishOptions {
  /** The details of a reload, which can be cloned. */
  readonly details?: unknown;
}

/** The link of a bus to its parent, and those to its units. */
export interface Site {
  /**
   * Publishes on a channel of every bus that the scope reaches. Never rejects for what happened there: there is one receipt
   * for each bus that was addressed.
   * @throws {TypeError} Where an argument cannot be cloned, or an option is unknown.
   */
  publish(channel: string, args: readonly unknown[], options?: PublishOptions): Promise<readonly Receipt[]>;
  /**
   * Asks every bus that the scope reaches for a goal. A reload goes to the top of the tree, and from there to all, or to none.
   * @throws {TypeError} Where the goal or an option is unknown, or the details cannot be cloned.
   */
  request(goal: Goal | "reload", options?: RequestOptions): Promise<readonly Receipt[]>;
  /** The units of this site that are not at their real end. */
  units(): readonly Unit[];
  /** The details of the last reload that was committed, in a unit those that its site gave it. */
  readonly details: unknown;
}

/** How long receipts are waited for, in milliseconds. */
const WITHIN_MS = 5_000;

const NOTHING = { details: undefined, generation: 0 };

const SCOPES: readonly Scope[] = ["isolate", "process", "tree", "fleet"];

/** The site of one bus, with what pools and the like need of it. */
export class SiteOfBus implements Site {
  readonly table: UnitTable;
  readonly #bus: SiteBus;
  readonly #up: UpLink | undefined;
  readonly #router: Router;
  /** The details of the last reload that was committed here. */
  #latest: { readonly details: unknown; readonly generation: number } | undefined;

  constructor(bus: SiteBus) {
    this.#bus = bus;
    this.table = new UnitTable(bus as unknown as Bus<UnitChannels>);
    this.#up = upLinkOf(bus.platform);
    this.#router = new Router({
      bus: bus.name,
      clock: bus.platform.clock,
      path: () => this.path,
      act: (act) => this.#act(act),
      refused: (path, refusal) => this.#refused(path, refusal),
    });
    if (this.#up !== undefined) {
      this.#connectUp(this.#up);
      renewByGraceful(bus, this.#up);
    }
    // Commits first, so that a unit that starts from now on begins with what is new.
    let failures: FailureCount | undefined;
    bus.subscribe("reload", ({ details }) => ({
      commit: () => {
        this.#latest = { details, generation: this.generation + 1 };
        failures = this.#up && countFailures(bus);
      },
    }), { name: "site", priority: -Infinity });
    // Commits last, and so knows that all have.
    bus.subscribe("reload", () => ({ commit: () => this.#committed(failures?.end() ?? 0) }), {
      name: "site, at last",
      priority: Infinity,
    });
  }

  /** Where this bus is, seen from the top of the tree. */
  get path(): string {
    return this.#up?.path || "/";
  }

  /** How many changes of the settings came before those that are in force here, from the top of the tree on. */
  get generation(): number {
    return this.#current.generation;
  }

  get details(): unknown {
    return this.#current.details;
  }

  /** The details that were committed here last, else those that this unit was given at its start, else undefined. */
  get #current(): { readonly details: unknown; readonly generation: number } {
    return this.#latest ?? this.#up?.current ?? NOTHING;
  }

  units(): readonly Unit[] {
    return this.table.list();
  }

  publish(
    channel: string,
    args: readonly unknown[],
    options: PublishOptions = { scope: "tree" },
  ): Promise<readonly Receipt[]> {
    const action = `Cannot publish on "${checkName("Cannot publish", channel)}"`;
    checkKeys(action, options, ["scope", "to", "within"]);
    if (!Array.isArray(args)) {
      throw new TypeError(`${action}: the arguments are ${show(args)}, expected a list`);
    }
    checkCloneable(action, args);
    return this.#ask(action, { publish: channel, args }, options);
  }

  request(goal: Goal | "reload", options: RequestOptions = { scope: "tree" }): Promise<readonly Receipt[]> {
    const action = `Cannot request ${show(goal)}`;
    if (goal !== "reload" && !GOALS.includes(goal)) {
      throw new TypeError(`${action}: expected one of ${GOALS.join(", ")} or reload`);
    }
    checkKeys(action, options, ["scope", "to", "within", "details"]);
    checkCloneable(`${action}: "details"`, options.details);
    return this.#ask(action, { request: goal, details: options.details }, options);
  }

  /** The details of the next units, before the first reload. */
  giveDetails(details: unknown): void {
    if (this.#up === undefined) this.#latest ??= { details, generation: 0 };
  }

  /** The first word to a unit that starts now. */
  welcome(name: string, connections: Welcome["connections"]): Omit<Welcome, "sitebus"> {
    return {
      path: this.path === "/" ? name : `${this.path}/${name}`,
      details: this.details,
      generation: this.generation,
      ...(connections !== undefined && { connections }),
    };
  }

  /** The units of a pool have prepared for the reload under way. */
  addRound(round: PreparedRound): void {
    this.#rounds.add(round);
  }

  /** All units have rolled the reload back. */
  removeRound(round: PreparedRound): void {
    this.#rounds.delete(round);
  }

  /** Links a unit, from its first word to its end. */
  link(member: Member, rights: readonly Right[]): void {
    const { unit } = member;
    const path = this.path === "/" ? unit.name : `${this.path}/${unit.name}`;
    let link: TreeLink | undefined;
    this.#heard.set(member, (message) => {
      if (message.sitebus === "hello") {
        link = this.#router.connect({
          bus: message.bus,
          path,
          inProcess: unit.kind === "thread",
          isUp: false,
          refusal: (act) => refusalOf(act, rights),
          send: (message) => member.send(message),
        });
      } else if (message.sitebus === "reload all") void this.#reloadAll(member, message, rights);
      else if (message.sitebus === "take back") this.#asked.get(member)?.get(message.number)?.abort();
      else if (message.sitebus === "message" || message.sitebus === "receipts") {
        if (link !== undefined) this.#router.received(link, message);
      }
    });
    void member.gone.then(() => {
      if (link !== undefined) this.#router.disconnect(link);
      for (const controller of this.#asked.get(member)?.values() ?? []) controller.abort();
    });
  }

  /** A unit said something. */
  heard(member: Member, message: ToSite): void {
    this.#heard.get(member)?.(message);
  }

  readonly #heard = new WeakMap<Member, (message: ToSite) => void>();

  /** The rounds of the reload under way, until those who asked for it know that it is everywhere. */
  readonly #rounds = new Set<PreparedRound>();

  async #committed(failures: number): Promise<void> {
    await this.#up?.reloads?.committing(failures);
    // In a unit that did not begin it, the site tells when it is everywhere.
    if (this.#up === undefined) this.#tellAll();
  }

  #tellAll(): void {
    for (const round of this.#rounds) round.tellAll();
    this.#rounds.clear();
  }

  /** The reloads that units have asked for. */
  readonly #asked = new WeakMap<Member, Map<number, AbortController>>();

  /** A unit began a reload: all are to have it, or none. */
  async #reloadAll(
    member: Member,
    { number, details }: Extract<ToSite, { readonly sitebus: "reload all" }>,
    rights: readonly Right[],
  ): Promise<void> {
    const controller = new AbortController();
    const asked = this.#asked.get(member) ?? new Map<number, AbortController>();
    this.#asked.set(member, asked.set(number, controller));
    let error: string | undefined;
    try {
      const refusal = refusalOf({ request: "reload", details }, rights);
      if (refusal !== undefined) {
        this.#refused(member.unit.name, refusal);
        throw new Error(`Cannot reload: ${refusal}`);
      }
      await this.#bus.reload(details, { signal: controller.signal });
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    asked.delete(number);
    member.send({ sitebus: "reloaded", number, ...(error !== undefined && { error }) });
  }

  #connectUp(up: UpLink): void {
    const link = this.#router.connect({
      bus: "site",
      get path() {
        return up.path.split("/").slice(0, -2).join("/") || "/";
      },
      inProcess: up.inProcess,
      isUp: true,
      // Requests of the site have passed its own check of rights.
      refusal: () => undefined,
      send: (message) => up.send(message),
    });
    up.inbox = {
      received: (message) => this.#router.received(link, message),
      hasAsker: () => [...this.#rounds].some(({ hasAsker }) => hasAsker),
      allCommitted: () => this.#tellAll(),
    };
  }

  #ask(action: string, act: Act, options: RequestOptions): Promise<readonly Receipt[]> {
    const { scope, to, within = WITHIN_MS } = options;
    if (!SCOPES.includes(scope)) {
      throw new TypeError(`${action}: "scope" is ${show(scope)}, expected one of ${SCOPES.join(", ")}`);
    }
    if (scope === "fleet") throw new Error(`${action}: "scope" is "fleet", and this site is in none`);
    if (to !== undefined) checkName(`${action}: "to"`, to);
    const asked: Asked = { from: this.path, act, scope, to, leftMs: checkMs(action, "within", within) };
    const isReload = "request" in act && act.request === "reload";
    return isReload ? this.#router.askReload(asked) : this.#router.ask(asked);
  }

  /** Says it once of each unit: one that asks again and again would fill the log. */
  #refused(path: string, refusal: string): void {
    const message = `Refused what the unit "${path}" asked: ${refusal}`;
    if (this.#saidRefused.has(message)) return;
    this.#saidRefused.add(message);
    this.#bus.log(message, { level: "warn", event: "refused", unit: path });
  }

  readonly #saidRefused = new Set<string>();

  async #act(act: Act): Promise<unknown> {
    if ("publish" in act) return await (this.#bus as unknown as Bus).publish(act.publish, ...act.args);
    if (act.request === "reload") return await this.#bus.reload(act.details);
    return await this.#bus[act.request]();
  }
}

const sites = new WeakMap<object, SiteOfBus>();

/** The site of a bus: always the same one. */
export function siteOf(bus: SiteBus): SiteOfBus {
  const found = sites.get(bus) ?? new SiteOfBus(bus);
  sites.set(bus, found);
  return found;
}

/** Why a unit may not ask for something. */
function refusalOf(act: Act, rights: readonly Right[]): string | undefined {
  const right: Right = "publish" in act ? `publish:${act.publish}` : act.request;
  return rights.includes(right) ? undefined : `it was not given the right "${right}"`;
}

/** The site of a bus; always the same one. In a unit, it is to be called before the bus starts: messages reach it by this. */
export function site(bus: SiteBus): Site {
  return siteOf(bus);
}
