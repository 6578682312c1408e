/**
 * One application of several behind one server: a guest of the bus, what its factory has made, and their end.
 * @module
 */
import { show } from "../../src/check.ts";
import type { ComponentHandle } from "../../src/component.ts";
import { textOf } from "../../src/errors.ts";
import { type Guest, guest, type Right } from "../../src/guest.ts";
import type { Signal } from "../../src/internal.ts";
import type { Phase } from "../../src/phase.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { NotReadyError } from "../../platforms/serverless/not_ready_error.ts";
import { IdleTimer } from "./idle_timer.ts";
import { Instance } from "./instance.ts";
import { LazyValue } from "./lazy_value.ts";
import type { OwnLog } from "./own_log.ts";
import { refusal } from "./refusal.ts";
import {
  type FetchLike,
  fetchOf,
  keeperOf,
  type WebApp,
  type WebRequest,
  type WebResponse,
} from "./web_app.ts";

/** Makes an application for the guest that it is. */
export type AppFactory<A extends readonly unknown[] = readonly unknown[]> = (
  guest: Guest,
) => WebApp<A> | FetchLike<A> | Promise<WebApp<A> | FetchLike<A>>;

/** One of the applications. Times are milliseconds. */
export interface MountedApp<A extends readonly unknown[] = readonly unknown[]> {
  /** Loads its module, whose default export is the factory. */
  readonly load: () => Promise<{ readonly default: AppFactory<A> }>;
  /** The name of the guest. Default: its path, as "shop-admin" for "/shop/admin", and "root" for "/". */
  readonly name?: string;
  /** The rights of the application at the bus. Default: none. */
  readonly rights?: readonly Right[];
  /** Makes it when the bus starts, so that its first request does not wait. Default false. */
  readonly warm?: boolean;
  /** How long it stays without a request; then the guest is closed. Default: until the bus exits. */
  readonly idleMs?: number;
  /** The longest time for its module, its factory and the start of its components. Default 30 000. */
  readonly within?: number;
}

/** An application, and where it is. */
export interface SiteOptions<A extends readonly unknown[]> extends MountedApp<A> {
  readonly path: string;
  readonly name: string;
  readonly log: OwnLog;
}

/** The application that a factory has made, with its guest. */
interface Made<A extends readonly unknown[]> {
  readonly fetch: FetchLike<A>;
  readonly guest: Guest;
  /** The components that it has used while it was made. */
  readonly handles: readonly ComponentHandle<unknown>[];
}

/** One application. */
export class Site<A extends readonly unknown[]> {
  readonly path: string;
  readonly #bus: ProcessBus;
  readonly #options: SiteOptions<A>;
  readonly #idle: IdleTimer<Instance<Made<A>>> | undefined;
  #instance: Instance<Made<A>> | undefined;
  /** Applications that are made and not in use: before the bus runs, and between two runs. */
  #made: Made<A> | undefined;
  /** The end of the guest before. There is one at a time, since its components have names. */
  #closing: Promise<void> = Promise.resolve();

  constructor(bus: ProcessBus, options: SiteOptions<A>) {
    const { path, idleMs } = options;
    this.path = path;
    this.#bus = bus;
    this.#options = options;
    if (idleMs === undefined) return;
    const find = () => this.#instance ? [this.#instance] : [];
    this.#idle = new IdleTimer(idleMs, { find, drop: (instance) => this.#drop(instance) });
  }

  /** Calls the factory before the bus starts, so that what it uses starts with the bus. What fails is tried again later. */
  async prepare(): Promise<void> {
    const { name, log } = this.#options;
    try {
      this.#made = await this.#open();
    } catch (error) {
      log.error(`Cannot prepare "${name}": ${textOf(error)}`, error);
    }
  }

  /**
   * Waits until what was prepared is up. What fails there is the guest's own, and keeps the bus from nothing, so that this
   * never rejects. Where nothing was prepared, it is made in the background: the bus runs already.
   */
  async warmUp({ signal }: Phase): Promise<void> {
    if (this.#made) {
      const up = Promise.allSettled(this.#made.handles.map(({ ready }) => ready));
      await Promise.race([
        up,
        new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
      ]);
    } else Promise.resolve(this.#current().value.get()).catch(() => {});
  }

  /** The bus stops: the components of the guest stop with it, and start with it again. */
  rest(): void {
    this.#idle?.clear();
    const instance = this.#instance;
    this.#instance = undefined;
    if (!instance) return;
    if (instance.value.isReady) this.#made = instance.value.get() as Made<A>;
    else void instance.retire();
  }

  /** Answers a request. */
  answer(request: WebRequest, rest: A): WebResponse | Promise<WebResponse> {
    const { state } = this.#bus;
    if (!this.#instance && state !== "start" && state !== "run") {
      const message = `Cannot serve "${this.path}": the bus is in "${state}"`;
      return refusal(new NotReadyError(message, { kind: "late", retryAfterMs: 1_000 }));
    }
    const instance = this.#current();
    return instance.answer(({ fetch }) => fetch(request, ...rest), {
      get: () => instance.value.get(keeperOf(rest)),
      left: () => this.#idle?.touch(instance),
    });
  }

  #current(): Instance<Made<A>> {
    const { name, log, within = 30_000 } = this.#options;
    return this.#instance ??= new Instance(
      new LazyValue((signal) => this.#make(signal), {
        name,
        within,
        owner: log,
        dispose: ({ guest }) => this.#close(guest),
      }),
    );
  }

  /** Nobody has used it for a while. */
  #drop(instance: Instance<Made<A>>): void {
    const { name, log } = this.#options;
    this.#instance = undefined;
    instance.retire().catch((error) => log.error(`Cannot close "${name}": ${textOf(error)}`, error));
  }

  async #make(signal: Signal): Promise<Made<A>> {
    const made = this.#made ?? await this.#open();
    this.#made = undefined;
    try {
      // Its components start when the bus runs, at the latest.
      await this.#bus.wait("run", { signal });
      await Promise.all(made.handles.map(({ ready }) => ready));
      signal.throwIfAborted();
      return made;
    } catch (error) {
      await this.#close(made.guest);
      throw error;
    }
  }

  async #open(): Promise<Made<A>> {
    const { name, path, rights = [], load } = this.#options;
    await this.#closing;
    const { default: factory } = Object(await load()) as { readonly default?: unknown };
    if (typeof factory !== "function") {
      const expected = "expected a function that makes the application";
      throw new TypeError(`Cannot mount "${path}": the default export is ${show(factory)}, ${expected}`);
    }
    const own = guest(this.#bus, name, rights);
    const handles: ComponentHandle<unknown>[] = [];
    const use = (...args: Parameters<Guest["use"]>) => {
      const handle = own.use(...args);
      handles.push(handle);
      return handle;
    };
    try {
      // A guest is frozen, and needs no `this`.
      const app: unknown = await factory(Object.create(own, { use: { value: use } }));
      return { fetch: fetchOf<A>(`Cannot mount "${path}"`, app), guest: own, handles };
    } catch (error) {
      await this.#close(own);
      throw error;
    }
  }

  /** Closes a guest; the next one waits for that. */
  #close(guest: Guest): Promise<void> {
    const closed = guest.close();
    this.#closing = closed.catch(() => {});
    return closed;
  }
}
