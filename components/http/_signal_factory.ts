/**
 * Makes the signals of requests, and fires them in two steps: first those of event streams, whose clients connect again
 * by themselves, then all others.
 * @module
 */
import { type Controller, namedError, type Signal, web } from "../../src/internal.ts";

/** Where a request, or its server, keeps what it belongs to. Several copies of this module may meet. */
export const mark: unique symbol = Symbol.for("sitebus.request");

/** The members of Node's ServerResponse, and of a stream of HTTP/2, that are used here. */
export interface ResponseLike {
  /** Whether all of it was handed to the system. */
  readonly writableFinished: boolean;
  /** Whether nothing can be sent any more. */
  readonly destroyed: boolean;
  /** The request that it answers; not on a stream of HTTP/2. */
  readonly req?: { readonly method?: string; readonly headers: { readonly accept?: string } };
  /** The head of an answer of HTTP/1.1, as it was sent: headers that were given to `writeHead` are there alone. */
  readonly _header?: string | null;
  /** The headers of a stream of HTTP/2. */
  readonly sentHeaders?: Readonly<Record<string, unknown>>;
  /** A header of the answer. */
  getHeader?(name: string): unknown;
  /** Calls `listener` when it is sent, or its connection has ended. */
  once(name: "close", listener: () => void): unknown;
}

/** The information that Deno passes with a request. */
export interface DenoInfoLike {
  /** Settles when the answer was sent, and rejects where it could not be. To ask for it makes a quick request cost a tenth more. */
  readonly completed: Promise<void>;
}

/** The members of a Request that are used here. */
export interface WebRequest {
  /** The information that Deno passed with it. */
  [mark]?: DenoInfoLike | undefined;
  readonly method?: string;
  readonly headers?: { get(name: string): string | null };
}

const EVENTS = "text/event-stream";

/** Makes and fires the signals of the requests of one server. */
export class SignalFactory {
  // Not AbortSignal.any: a signal of it that has a listener lives as long as its source, which is a leak with each request.
  // The request's own signal holds the controller; here it is held weakly, since Bun does not tell when a request is over.
  readonly #live = new Set<WeakRef<Controller>>();
  readonly #forgotten = new FinalizationRegistry<WeakRef<Controller>>((ref) => void this.#live.delete(ref));
  readonly #isEvents = new WeakMap<Controller, () => boolean>();
  /** Requests whose answer may be an event stream, with its type once it is known. */
  readonly #types = new WeakMap<object, string | undefined>();
  #ended: "none" | "events" | "all" = "none";

  /** Notes the answer to a Request, of which `typeOf` tells the content type: it is asked in few cases. */
  answered(request: object, typeOf: () => string | undefined): void {
    // Where no signal is in use, a request costs nothing here.
    if (this.#live.size > 0 && this.#types.has(request)) this.#types.set(request, typeOf());
  }

  /** The signal of a Request of the web. `native` is the runtime's own; `info` is what Deno told. */
  ofWeb(
    request: WebRequest,
    { native, info }: { readonly native: Signal; readonly info: DenoInfoLike | undefined },
  ): Signal {
    if (request.method === "GET") {
      const accept = request.headers?.get("accept");
      this.#types.set(request, accept === EVENTS ? EVENTS : undefined);
    }
    const controller = this.#follow(() => this.#types.get(request)?.startsWith(EVENTS) ?? false);
    const abort = () => controller.abort(native.reason);
    let gone = abort;
    if (info) {
      let done = false;
      info.completed.then(() => done = true, () => {});
      // Deno's fires after every answer; but that it was sent is said just before, so that it is heard first.
      gone = () => void Promise.resolve().then(() => done || abort());
    }
    if (native.aborted) gone();
    else native.addEventListener("abort", gone);
    return controller.signal;
  }

  /** The signal of a request of Node's. Undefined stands for a response that was sent. */
  ofNode(response: ResponseLike | undefined): Signal {
    const controller = this.#follow(() => response !== undefined && isEventStream(response));
    if (!response) return controller.signal;
    const gone = () => {
      if (!response.writableFinished) controller.abort(undefined);
    };
    if (response.destroyed) gone();
    else response.once("close", gone);
    return controller.signal;
  }

  /** Fires the signals of event streams. May be called again, for those that have begun since. */
  endEvents(): void {
    if (this.#ended === "none") this.#ended = "events";
    for (const ref of this.#live) {
      const controller = ref.deref();
      if (controller && this.#isEvents.get(controller)?.()) this.#abort(controller, ref);
    }
  }

  /** Fires all signals, also those that are made later. */
  endAll(): void {
    this.#ended = "all";
    for (const ref of this.#live) {
      const controller = ref.deref();
      if (controller) this.#abort(controller, ref);
    }
  }

  #abort(controller: Controller, ref: WeakRef<Controller>): void {
    this.#live.delete(ref);
    controller.abort(namedError("AbortError", "The server ends"));
  }

  #follow(isEvents: () => boolean): Controller {
    const controller = new web.AbortController();
    const ref = new WeakRef(controller);
    this.#live.add(ref);
    this.#forgotten.register(controller, ref);
    this.#isEvents.set(controller, isEvents);
    if (this.#ended === "all" || (this.#ended === "events" && isEvents())) this.#abort(controller, ref);
    return controller;
  }
}

/** Whether a response of Node's is an event stream, or will be one. */
function isEventStream(response: ResponseLike): boolean {
  const { req, sentHeaders, _header: head } = response;
  if (req && req.method !== "GET") return false;
  const type = response.getHeader?.("content-type") ?? sentHeaders?.["content-type"];
  if (type !== undefined) return String(type).startsWith(EVENTS);
  if (head) return /^content-type: *text\/event-stream/im.test(head);
  return req?.headers.accept === EVENTS;
}
