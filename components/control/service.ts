/**
 * The inside of control: it watches the bus from the beginning, and answers while its socket is open.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import { newToken } from "./access.ts";
import { Actions, type ControlRight } from "./actions.ts";
import { Counts } from "./counts.ts";
import type { Door, RouteParts } from "./door.ts";
import { EventStream } from "./event_stream.ts";
import { openSocket } from "./listen.ts";
import { missingPermission } from "./permissions.ts";
import { answer } from "./routes.ts";
import { ControlServer, type ServerParts } from "./server.ts";
import { type StatusParts, StatusReader } from "./status.ts";
import { TimelineKeeper } from "./timeline.ts";

/** The port of the status page. */
export interface PagePlan {
  readonly port: number;
  readonly token?: string;
  readonly rights: readonly ControlRight[];
}

/** The parts of control. */
export interface ServiceParts extends Omit<StatusParts, "counts"> {
  readonly pid: number;
  readonly path: string | undefined;
  readonly mode: number;
  readonly group: string | number | undefined;
  readonly rights: readonly ControlRight[];
  readonly page: PagePlan | undefined;
}

/** Control of one bus. */
export class ControlService {
  /** The path of the socket, while it is open. */
  path: string | undefined;
  /** The address of the page, while its port is open. */
  pageUrl: string | undefined;
  readonly #parts: ServiceParts;
  readonly #routes: RouteParts;
  readonly #counts: Counts;
  readonly #servers: ControlServer[] = [];
  #token: string | undefined;

  constructor(parts: ServiceParts) {
    const { bus } = parts;
    const counts = new Counts(bus);
    this.#parts = parts;
    this.#counts = counts;
    this.#routes = {
      bus,
      status: new StatusReader({ ...parts, counts }),
      timelines: new TimelineKeeper(bus),
      events: new EventStream(bus),
      actions: new Actions({ bus, counts }),
      pageUrl: () => this.pageUrl && `${this.pageUrl}#token=${this.#token}`,
    };
  }

  /** Opens the socket and the port; what cannot be opened is one warning each. Resolves to whether the socket is open. */
  async open(): Promise<boolean> {
    const { path, pid, name, mode, group, rights, page } = this.#parts;
    const missing = missingPermission();
    if (missing !== undefined) {
      this.#warn(`Cannot open control: Deno was not given the permission --allow-${missing}`);
      return false;
    }
    try {
      const http = await import("node:http");
      const door: Door = { name: "socket", rights };
      const opened = await openSocket(
        { path, own: { name, pid }, mode, group, warn: (message) => this.#warn(message) },
        this.#server(http, door),
      );
      this.path = opened.path;
      this.#servers.push(opened.server);
      const message = `Control is at ${opened.path}`;
      this.#parts.bus.log(message, { level: "debug", event: "control", path: opened.path });
    } catch (error) {
      this.#warn(`Cannot open control: ${textOf(error)}`, error);
    }
    if (page !== undefined) await this.#openPage(page);
    return this.path !== undefined;
  }

  /** Answers who asked for the end, and closes. Never rejects. */
  async close(): Promise<void> {
    const { actions, events, timelines } = this.#routes;
    actions.exited();
    events.close();
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
    this.path = this.pageUrl = undefined;
    timelines.close();
    this.#counts.close();
  }

  async #openPage({ port, token, rights }: PagePlan): Promise<void> {
    const host = "127.0.0.1";
    try {
      this.#token = token ?? await newToken();
      const guard = { token: this.#token, host: "" };
      const http = await import("node:http");
      const server = await ControlServer.listen(
        { host, port },
        this.#server(http, { name: "port", rights, guard }),
      );
      guard.host = `${host}:${server.port}`;
      this.pageUrl = `http://${guard.host}/`;
      this.#servers.push(server);
      // Not the token: a log is read by others.
      const message =
        `The status page is at ${this.pageUrl}, and GET /page of the control socket tells its token`;
      this.#parts.bus.log(message, { event: "control", url: this.pageUrl });
    } catch (error) {
      this.#warn(`Cannot open the status page on ${host}:${port}: ${textOf(error)}`, error);
    }
  }

  #server(http: ServerParts["http"], door: Door): ServerParts {
    let hasFailed = false;
    return {
      http,
      clock: this.#parts.bus.platform.clock,
      answer: (request) => answer(this.#routes, door, request),
      failed: (error) => {
        if (!hasFailed) this.#warn(`Control has failed: ${textOf(error)}`, error);
        hasFailed = true;
      },
    };
  }

  #warn(message: string, error?: unknown): void {
    this.#parts.bus.log(message, {
      level: "warn",
      event: "control",
      ...error !== undefined && { error },
    });
  }
}
