/**
 * One life of a server, from its start to its stop.
 * @module
 */
import { type Controller, namedError, web } from "../../src/internal.ts";
import type { Phase } from "../../src/phase.ts";
import { drain, type DrainOptions } from "./drain.ts";
import type { Health } from "./health.ts";
import { type FetchLike, refuseConflict } from "./health_conflict.ts";
import { listenError } from "./listen_error.ts";
import { nodeWiring } from "./node_server.ts";
import { freeUnixSocket } from "./unix_socket.ts";
import type { Desk, Place, Wired, Wiring } from "./wiring.ts";

/** What a server is made of. */
export interface Plan {
  /** How the server is told to listen. */
  readonly wiring: Wiring;
  /** Where it listens. */
  readonly place: Place;
  /** The application, where it is a function. */
  readonly fetch?: FetchLike | undefined;
  /** What answers for the health. */
  readonly health?: Health | undefined;
  /** Where the health is told, where that is not on the server's own port. */
  readonly apart?: Place | undefined;
}

/** A server that listens. */
export class Life {
  readonly #ending: Controller;
  readonly #wired: Wired;
  readonly #health: Wired | undefined;

  private constructor(ending: Controller, wired: Wired, health: Wired | undefined) {
    this.#ending = ending;
    this.#wired = wired;
    this.#health = health;
  }

  /** Listens. @throws {Error} Naming host and port where it cannot. */
  static async begin({ wiring, place, fetch, health, apart }: Plan): Promise<Life> {
    health?.watch();
    const ending = new web.AbortController();
    const desk: Desk = { ending: ending.signal, probe: apart ? undefined : health?.probe };
    if (health && fetch && !apart) await refuseConflict(fetch, health.paths);
    const healthServer = health && apart &&
      await listen(await healthWiring(), apart, { ...desk, probe: health.probe });
    try {
      return new Life(ending, await listen(wiring, place, desk), healthServer);
    } catch (error) {
      healthServer?.cut();
      throw error;
    }
  }

  /** Where it listens. */
  get url(): string {
    return this.#wired.url;
  }

  /** The real port. */
  get port(): number | undefined {
    return this.#wired.port;
  }

  /** Where the health is told. */
  get healthUrl(): string | undefined {
    return this.#health?.url;
  }

  /** How many requests are not answered. */
  get inFlight(): number {
    return this.#wired.inFlight();
  }

  /** Lets the requests finish. The health is told meanwhile: that is what it is for. */
  drain(phase: Phase, options: Omit<DrainOptions, "end">): Promise<void> {
    return drain(this.#wired, phase, { ...options, end: () => this.#end() });
  }

  /** Cuts what is left. */
  cut(): void {
    this.#end();
    this.#wired.cut();
    this.#health?.cut();
  }

  #end(): void {
    this.#ending.abort(namedError("AbortError", "The server ends"));
  }
}

async function listen(wiring: Wiring, place: Place, desk: Desk): Promise<Wired> {
  if (place.path !== undefined) await freeUnixSocket(place.path);
  try {
    return await wiring(place, desk);
  } catch (error) {
    throw await listenError(error, place);
  }
}

/** A server that knows of nothing but the health. */
async function healthWiring(): Promise<Wiring> {
  const { createServer } = await import("node:http");
  return nodeWiring(createServer((_, response) => response.writeHead(404).end()));
}
