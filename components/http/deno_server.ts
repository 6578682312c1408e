/**
 * `Deno.serve`, wired to the drain.
 *
 * Once its `shutdown` has begun a server of Deno can be cut no more: then only a request whose answer is still to come
 * can be ended, by an answer. A stream, an answer that nobody reads, or half a request ends with the process; the
 * platform is told of it, so that it waits for none of them.
 *
 * On HTTP/2, `shutdown` says GOAWAY and then loses what is in flight. So a server that speaks TLS, and may speak HTTP/2,
 * serves on until what was in flight is answered; to know that costs each request, so that no other server does it.
 * @module
 */
import { leaveBehind } from "../../platforms/process/left_behind.ts";
import { isPromise, probed, quiet, type RequestLike, withClose } from "./_web_answer.ts";
import { type DenoInfoLike, RequestSignals } from "./request_signal.ts";
import { urlOf } from "./url_of.ts";
import type { Desk, Place, Wired, Wiring } from "./wiring.ts";

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

/** What is served. */
export interface DenoWiringOptions {
  /** The application. */
  readonly fetch: (request: never, info: never) => unknown;
  /** Deno's own options: `cert`, `key`, `onError`, `reusePort` … */
  readonly own?: Readonly<Record<string, unknown>> | undefined;
  /** Whether a request tells its server by itself, as those of srvx do. */
  readonly tellServer?: boolean;
}

/** How long requests that came while a server of TLS closed may hold its shutdown, in milliseconds. */
const LATE_MS = 50;

/** Wires `Deno.serve` to the drain. */
export function denoWiring(serve: DenoServeLike, options: DenoWiringOptions): Wiring {
  return async (place, desk) => new DenoLife(serve, options, place, desk);
}

type Fetch = (request: RequestLike, info: DenoInfoLike) => unknown;

class DenoLife implements Wired {
  readonly url: string;
  readonly port: number | undefined;
  readonly #signals: RequestSignals;
  readonly #server: DenoServerLike;
  readonly #abort = new AbortController();
  /** Each answers a request whose own answer is still to come. */
  readonly #pending = new Set<() => void>();
  /** Each settles when an answer was sent. Empty without TLS. */
  readonly #sent = new Set<Promise<void>>();
  #announced = false;
  #closed: Promise<void> | undefined;
  #shutDown: "begun" | "over" | undefined;
  #cut = false;

  constructor(serve: DenoServeLike, options: DenoWiringOptions, place: Place, desk: Desk) {
    const { fetch, own = {}, tellServer = false } = options;
    this.#signals = new RequestSignals(desk.ending);
    const { host, port, path } = place;
    const at = path === undefined ? { hostname: host, port } : { path };
    const isSecure = own["cert"] !== undefined;
    const answer = this.#answerBy(fetch as unknown as Fetch, desk, tellServer);
    this.#server = serve(
      { onListen() {}, ...own, ...at, signal: this.#abort.signal } as never,
      (isSecure ? this.#watched(answer) : answer) as unknown as Parameters<DenoServeLike>[1],
    );
    if (tellServer) this.#signals.mark(this.#server);
    // Whatever ends it, its requests are the drain's to judge.
    this.#server.finished.catch(() => {});
    this.port = path === undefined ? this.#server.addr.port : undefined;
    this.url = urlOf({ ...place, port: this.port ?? port }, isSecure);
  }

  inFlight(): number {
    const known = Math.max(this.#pending.size, this.#sent.size) + this.#signals.sockets.size;
    // Streams are not counted without TLS; but what holds the shutdown is not sent to its end.
    return this.#shutDown === "begun" ? Math.max(known, 1) : known;
  }

  announce(): void {
    this.#announced = true;
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  closeWebSockets(): void {
    this.#signals.sockets.close();
  }

  cut(): number {
    if (this.#cut) return 0;
    this.#cut = true;
    const left = this.#shutDown === "begun" ? this.inFlight() - this.#pending.size : 0;
    // Deno closes no connection whose request is half sent before its answer is there.
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
    if (this.#sent.size > 0) await within(LATE_MS, Promise.allSettled(this.#sent));
    if (this.#cut) return;
    this.#shutDown = "begun";
    await this.#server.shutdown();
    this.#shutDown = "over";
  }

  #answerBy(fetch: Fetch, desk: Desk, tellServer: boolean): Fetch {
    const signals = this.#signals;
    return (request, info) => {
      if (!tellServer) signals.give(request, info);
      const answer = probed(desk, request) ?? fetch(request, info);
      return isPromise(answer) ? this.#wait(answer) : this.#finish(answer);
    };
  }

  /** Knows until when an answer is sent, to its last byte. */
  #watched(answer: Fetch): Fetch {
    return (request, info) => {
      const { completed } = info;
      const done = () => void this.#sent.delete(completed);
      this.#sent.add(completed);
      completed.then(done, done);
      return answer(request, info);
    };
  }

  #finish(answer: unknown): unknown {
    return this.#announced ? withClose(answer) : answer;
  }

  /** The cut must not wait for an answer, nor for a body that never comes. */
  #wait(answer: PromiseLike<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = () => resolve(withClose(new Response(null, { status: 503 })));
      this.#pending.add(end);
      answer.then((settled) => {
        this.#pending.delete(end);
        try {
          resolve(this.#finish(settled));
        } catch (error) {
          reject(error);
        }
      }, (error) => {
        this.#pending.delete(end);
        reject(error);
      });
    });
  }
}

/** Resolves when the promise does, at the latest after some milliseconds. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
