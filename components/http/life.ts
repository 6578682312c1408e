/**
 * One life of a server, from its start to its stop.
 * @module
 */
import type { Phase } from "../../src/phase.ts";
import { drain, type DrainOptions } from "./drain.ts";
import type { HealthServer } from "./health_server.ts";
import { noteServer } from "./in_flight.ts";
import type { Place } from "./place.ts";
import type { Probes, Wired, Wiring } from "./wiring.ts";

/** The parts of a server. */
export interface Plan {
  /** How the server is told to listen. */
  readonly wiring: Wiring;
  /** Where it listens. */
  readonly place: Place;
  /** The handler of the health probes on the server's own port. */
  readonly probes: Probes | undefined;
  /** The server of the health, where that has a port of its own. */
  readonly healthServer: HealthServer | undefined;
}

/** A server that listens. */
export class Life {
  readonly #wired: Wired;
  readonly #healthServer: HealthServer | undefined;
  readonly #forget: () => void;
  #cutRequests = 0;

  private constructor(wired: Wired, healthServer: HealthServer | undefined) {
    this.#wired = wired;
    this.#healthServer = healthServer;
    this.#forget = noteServer(this);
  }

  /**
   * Listens.
   * @throws {Error} If it cannot, naming host and port or the path.
   */
  static async begin({ wiring, place, probes, healthServer }: Plan): Promise<Life> {
    // It is open already, unless the component was used when the bus had entered.
    await healthServer?.open();
    return new Life(await wiring(place, probes), healthServer);
  }

  get url(): string {
    return this.#wired.url;
  }

  get port(): number | undefined {
    return this.#wired.port;
  }

  get healthUrl(): string | undefined {
    return this.#healthServer?.url;
  }

  get inFlight(): number {
    return this.#wired.inFlight();
  }

  get cutRequests(): number {
    return this.#cutRequests;
  }

  /**
   * Lets the requests finish. The health is told meanwhile: that is what it is for.
   * @throws {Error} If requests were cut, and `failOnCut` is set.
   */
  async drain(phase: Phase, options: DrainOptions & { readonly failOnCut: boolean }): Promise<void> {
    this.#cutRequests = await drain(this.#wired, phase, options);
    if (this.#cutRequests > 0 && options.failOnCut) {
      throw new Error(`Cannot drain "${options.name}": ${this.#cutRequests} of its requests were cut`);
    }
  }

  /** Cuts what is left. */
  end(): void {
    this.#wired.endStreams();
    this.#wired.cut();
    this.#forget();
  }
}
