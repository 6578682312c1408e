/**
 * The link of a unit to its site, from the unit's end.
 * @module
 */
import { defer, type Deferred } from "../../src/internal.ts";
import type { Control, Platform } from "../../src/platform.ts";
import type { HostDetails, HostMessage, PortLike, RequestGoal } from "../../platforms/embedded.ts";
import { hostMessageFault } from "../../platforms/embedded/host_message.ts";
import { requestsInFlight } from "../http/in_flight.ts";
import { openPort, type Port } from "../../platforms/embedded/port.ts";
import {
  type Envelope,
  isToUnit,
  type Receipts,
  type ToSite,
  type ToUnit,
  type Welcome,
} from "./protocol.ts";

/** Handles the messages to a unit that are not for its platform. */
export interface Inbox {
  received(message: Envelope | Receipts): void;
  /** Whether the reload under way was asked for in one of the units of this bus. */
  hasAsker(): boolean;
  /** All of the tree have committed a reload. */
  allCommitted(): void;
}

/** Takes the reloads of the unit. */
export interface ReloadInbox {
  received(
    message: Extract<ToUnit, { readonly sitebus: "prepare" | "decide" | "all committed" | "reloaded" }>,
  ): void;
  /**
   * All listeners of a reload have committed, and so many failed. Where it began in this unit, it waits until all of the
   * tree have committed: then it has reached everybody.
   */
  committing(failures: number): Promise<void> | undefined;
}

/** The link of one unit. */
export class UpLink {
  /** The first message of the site. */
  readonly welcomed: Promise<Welcome>;
  /** The details and the generation of the last reload that was committed here. */
  current: Pick<Welcome, "details" | "generation"> = { details: undefined, generation: 0 };
  /** Where this unit is, seen from the top of the tree. */
  path = "";
  /** Whether the unit is a thread of the process of its site. */
  readonly inProcess: boolean;
  /** The limits on connections, where there are some. */
  connections: Welcome["connections"];
  /** Takes what comes from other buses. */
  inbox: Inbox | undefined;
  /** Takes the two steps of a reload. */
  reloads: ReloadInbox | undefined;
  readonly #port: PortLike;
  readonly #welcome: Deferred<Welcome> = defer();
  #opened: Port | undefined;
  #renewed: Deferred<void> | undefined;
  #control: Control | undefined;

  constructor(port: PortLike, inProcess: boolean) {
    this.#port = port;
    this.inProcess = inProcess;
    this.welcomed = this.#welcome.promise;
  }

  /** Says hello, and takes what the site says from now on. */
  open(control: Control, inspected: boolean): void {
    this.#control = control;
    this.#opened = openPort(this.#port, {
      received: (message) => this.#received(message),
      // The site is dead, and nobody else will ask.
      closed: () => control.request("exit", { by: "host", name: "site is gone" }),
    });
    this.send({ sitebus: "hello", bus: control.bus, inspected });
  }

  /** Says something to the site. */
  send(message: ToSite): void {
    this.#opened?.send(message);
  }

  /** Asks the site for a successor; resolves when the site asks this unit to exit, or cannot replace it. */
  renew(): Promise<void> {
    this.#renewed ??= defer();
    this.send({ sitebus: "renew" });
    return this.#renewed.promise;
  }

  /** Lets go of the port, which then keeps nothing alive. */
  close(): void {
    this.#opened?.close();
  }

  #received(message: unknown): void {
    if (isToUnit(message)) return this.#take(message);
    if (typeof message !== "object" || message === null || !("sitebus" in message)) return;
    const fault = hostMessageFault(message);
    if (fault !== undefined) {
      this.#control?.log(`Cannot take a message of the site: ${fault}`, { level: "warn" });
      return;
    }
    const { sitebus, ...details } = message as HostMessage & HostDetails;
    if (sitebus === "exit") this.#renewed?.resolve();
    this.#control?.request(sitebus as RequestGoal, { by: "host", name: sitebus, ...details });
  }

  #take(message: Exclude<ToUnit, HostMessage>): void {
    switch (message.sitebus) {
      case "welcome":
        this.path = message.path;
        this.connections = message.connections;
        this.current = { details: message.details, generation: message.generation };
        this.#welcome.resolve(message);
        break;
      case "question":
        this.#answer(message.number);
        break;
      case "not renewed":
        this.#renewed?.resolve();
        this.#renewed = undefined;
        break;
      case "prepare":
      case "decide":
      case "all committed":
      case "reloaded":
        this.reloads?.received(message);
        break;
      case "message":
        if (this.inbox) this.inbox.received(message);
        else this.#refuse(message);
        break;
      case "receipts":
        this.inbox?.received(message);
    }
  }

  #answer(number: number): void {
    const inFlight = requestsInFlight();
    const memory = process.memoryUsage.rss();
    this.send({ sitebus: "answer", number, memory, ...inFlight !== undefined && { inFlight } });
  }

  /** A program that has not called `site(bus)` cannot be reached by others. */
  #refuse({ id, to }: Envelope): void {
    const { bus = "" } = this.#control ?? {};
    const error = `The unit "${this.path}" cannot be reached: its program has not called site(bus)`;
    const receipts = to === undefined || to === bus
      ? [{ bus, path: this.path, ok: false, ms: 0, error }]
      : [];
    this.send({ sitebus: "receipts", id, receipts });
  }
}

const links = new WeakMap<Platform, UpLink>();

/** The link of the bus that has this platform; undefined where it is no unit. */
export function upLinkOf(platform: Platform): UpLink | undefined {
  return links.get(platform);
}

/** Notes that a platform has a link. */
export function noteUpLink(platform: Platform, link: UpLink): void {
  links.set(platform, link);
}
