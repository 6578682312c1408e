/**
 * `Deno.serve`, wired to the drain.
 *
 * Once its `shutdown` has begun, a server of Deno cannot be cut any more. A request whose answer is still to come is then
 * answered with 503. A stream, an answer that is not read, and half a request end with the process; the platform is told
 * not to wait for them.
 *
 * On HTTP/2, `shutdown` sends GOAWAY and then loses the requests in flight. So a server with TLS, which may speak HTTP/2,
 * goes on serving until they are answered. To know that costs time for each request, so other servers do not.
 * @module
 */
import { leaveBehind } from "../../platforms/process/left_behind.ts";
import { settlesWithin } from "../../platforms/process/settles_within.ts";
import { isPromise, probed, quiet, type RequestLike, sayClose } from "./_web_answer.ts";
import { listenAt } from "./listen_at.ts";
import { type Place, urlOf } from "./place.ts";
import { type DenoInfoLike, RequestSignals } from "./request_signal.ts";
import type { Probes, Wired, Wiring } from "./wiring.ts";

/** Where a server of Deno listens. */
export interface DenoAddressLike {
  /** The address. */
  readonly hostname?: string;
  /** The real port. */
  readonly port?: number;
  /** The unix socket. */
  readonly path?: string;
}

/** A server of Deno. */
export interface DenoServerLike {
  /** Where it listens. */
  readonly addr: DenoAddressLike;
  /** Settles when it has ended. */
  readonly finished: Promise<void>;
  /** Accepts no more, and resolves when all has ended. */
  shutdown(): Promise<void>;
}

/** `Deno.serve`. */
export type DenoServeLike = (
  options: never,
  fetch: (request: never, info: never) => never,
) => DenoServerLike;

/** The handler and the options of the server. */
export interface DenoWiringOptions {
  /** The application. */
  readonly fetch: (request: never, info: never) => unknown;
  /** Deno's own options: `cert`, `key`, `onError`, `reusePort` … */
  readonly own?: Readonly<Record<string, unknown>> | undefined;
  /** Whether a request tells its server by itself, as those of srvx do. */
  readonly tellServer?: boolean;
}

/** How long requests that came while a TLS server was closing may delay its shutdown, in milliseconds. */
const LATE_MS = 50;

/** Wires `Deno.serve` to the drain. */
export function denoWiring(serve: DenoServeLike, options: DenoWiringOptions): Wiring {
  return (place, probes) => listenAt(place, async () => new DenoLife(serve, options, { place, probes }));
}

type Fetch = (request: RequestLike, info: DenoInfoLike) => unknown;

class DenoLife implements Wired {
  readonly url: string;
  readonly port: number | undefined;
  readonly #signals: RequestSignals = new RequestSignals();
  readonly #server: DenoServerLike;
  readonly #abort = new AbortController();
  /** For each request whose answer is still to come, a function that answers it with 503. */
  readonly #pending = new Set<() => void>();
  /** Promises that settle when an answer was sent. Empty without TLS. */
  readonly #sent = new Set<Promise<void>>();
  #announced = false;
  #closed: Promise<void> | undefined;
  #shutDown: "begun" | "over" | undefined;
  #cut = false;

  constructor(
    serve: DenoServeLike,
    { fetch, own = {}, tellServer = false }: DenoWiringOptions,
    { place, probes }: { readonly place: Place; readonly probes: Probes | undefined },
  ) {
    const { host, port, path } = place;
    const at = path === undefined ? { hostname: host, port } : { path };
    const isSecure = own["cert"] !== undefined;
    const answer = this.#answerBy(fetch as unknown as Fetch, { probes, tellServer });
    this.#server = serve(
      { onListen() {}, ...own, ...at, signal: this.#abort.signal } as never,
      (isSecure ? this.#watched(answer) : answer) as unknown as Parameters<DenoServeLike>[1],
    );
    if (tellServer) this.#signals.mark(this.#server);
    // The drain reports what became of the requests.
    this.#server.finished.catch(() => {});
    this.port = path === undefined ? this.#server.addr.port : undefined;
    this.url = urlOf({ ...place, port: this.port ?? port }, isSecure);
  }

  inFlight(): number {
    const known = Math.max(this.#pending.size, this.#sent.size) + this.#signals.sockets.size;
    // Without TLS streams are not counted; but while the shutdown is pending, at least one answer is not complete.
    return this.#shutDown === "begun" ? Math.max(known, 1) : known;
  }

  announce(): void {
    this.#announced = true;
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  endReconnecting(): void {
    this.#signals.endReconnecting();
  }

  endStreams(): void {
    this.#signals.endAll();
  }

  cut(): number {
    if (this.#cut) return 0;
    this.#cut = true;
    const left = this.#shutDown === "begun" ? this.inFlight() - this.#pending.size : 0;
    // Deno closes no connection on which a request is half sent until it has its answer.
    for (const end of this.#pending) end();
    if (!this.#shutDown) this.#abort.abort();
    if (this.#shutDown === "begun") {
      const ended = leaveBehind(`connections of ${this.url} that Deno cannot cut`);
      this.#closed?.then(ended, ended);
    }
    return left;
  }

  async #close(): Promise<void> {
    this.announce();
    await quiet();
    await Promise.allSettled(this.#sent);
    if (this.#sent.size > 0) await settlesWithin(Promise.allSettled(this.#sent), LATE_MS);
    if (this.#cut) return;
    this.#shutDown = "begun";
    await this.#server.shutdown();
    this.#shutDown = "over";
  }

  #answerBy(
    fetch: Fetch,
    { probes, tellServer }: { readonly probes: Probes | undefined; readonly tellServer: boolean },
  ): Fetch {
    const signals = this.#signals;
    return (request, info) => {
      if (!tellServer) signals.give(request, info);
      const answer = probed(probes, request) ?? fetch(request, info);
      return isPromise(answer) ? this.#wait(request, answer) : this.#finish(request, answer);
    };
  }

  /** Notes each request until the last byte of its answer was sent. */
  #watched(answer: Fetch): Fetch {
    return (request, info) => {
      const { completed } = info;
      const done = () => void this.#sent.delete(completed);
      this.#sent.add(completed);
      completed.then(done, done);
      return answer(request, info);
    };
  }

  #finish(request: RequestLike, answer: unknown): unknown {
    this.#signals.answered(request, answer);
    return this.#announced ? sayClose(answer) : answer;
  }

  /** Makes an answer that the cut can replace: it must not wait for an application, nor for a body that never comes. */
  #wait(request: RequestLike, answer: PromiseLike<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = () => resolve(new Response(null, { status: 503, headers: { connection: "close" } }));
      this.#pending.add(end);
      answer.then((settled) => {
        this.#pending.delete(end);
        resolve(this.#finish(request, settled));
      }, (error) => {
        this.#pending.delete(end);
        reject(error);
      });
    });
  }
}
