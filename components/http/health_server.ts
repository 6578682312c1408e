/**
 * The health on a port of its own: a server that opens when the bus enters, and closes when the bus has exited, so that
 * a probe is answered while the application starts and while it stops.
 * @module
 */
import type { HealthBus } from "./health.ts";
import { nodeWiring } from "./node_server.ts";
import type { Place } from "./place.ts";
import type { Probes, Wired } from "./wiring.ts";

/** A server that answers health probes and nothing else. */
export class HealthServer {
  readonly #place: Place;
  readonly #probes: Probes;
  #opened: Promise<Wired> | undefined;
  #wired: Wired | undefined;

  constructor(place: Place, probes: Probes) {
    this.#place = place;
    this.#probes = probes;
  }

  /** Has the server open and close with the bus, where the component of that name is one of its components. */
  follow(bus: HealthBus, name: string): void {
    // A component that was made and never used opens no port. That of a guest has the guest's name before its own.
    const isUsed = () =>
      bus.inspect().components?.some(({ name: used }) => used === name || used.endsWith(`/${name}`)) ?? true;
    // Before the other listeners: they are what a probe asks about.
    const enter = () => isUsed() ? this.open() : undefined;
    bus.subscribe("enter", enter, { name: `${name}: health`, priority: 0 });
    bus.subscribe("exited", () => this.close(), { name: `${name}: health`, priority: 100 });
  }

  /** Where it listens; undefined while it does not. */
  get url(): string | undefined {
    return this.#wired?.url;
  }

  /**
   * Listens, unless it does already.
   * @throws {Error} If it cannot, naming host and port.
   */
  async open(): Promise<void> {
    this.#opened ??= this.#open();
    try {
      this.#wired = await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  /** Closes the port, and all connections. */
  close(): void {
    this.#wired?.cut();
    this.#opened = this.#wired = undefined;
  }

  async #open(): Promise<Wired> {
    const { createServer } = await import("node:http");
    const server = createServer((_, response) => response.writeHead(404).end());
    // It only watches: it keeps no process alive.
    server.unref();
    return await nodeWiring(server)(this.#place, this.#probes);
  }
}
