/**
 * An application for each configuration that a request has.
 * @module
 */
import { checkFunction, checkKeys, checkMs, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { isThenable, type Signal } from "../../src/internal.ts";
import type { Phase } from "../../src/phase.ts";
import { ownAsyncContext } from "../../platforms/process/async_context.ts";
import { NotReadyError } from "../../platforms/serverless/not_ready_error.ts";
import { IdleTimer } from "./idle_timer.ts";
import { checkMaking } from "./lazy.ts";
import { type LazyOptions, LazyValue } from "./lazy_value.ts";
import { refusal } from "./refusal.ts";
import { isBoundToRequest } from "./request_bound.ts";
import { type Tenant, Tenants } from "./tenants.ts";
import { OwnLog } from "./own_log.ts";
import {
  type FetchLike,
  fetchOf,
  keeperOf,
  type WebApp,
  type WebRequest,
  type WebResponse,
} from "./web_app.ts";

/** How the applications are made. Times are milliseconds. */
export interface DynamicAppOptions<C, App, A extends readonly unknown[]>
  extends Pick<LazyOptions<never>, "name" | "dependsOn" | "within" | "retryDelay" | "maxRetryDelay"> {
  /** The configuration of a request: plain data, that is, what JSON can hold. */
  readonly config: (request: WebRequest, ...rest: A) => C | Promise<C>;
  /** Makes the application of a configuration. Its signal aborts when the time for it is over. */
  readonly create: (config: C, signal: Signal) => App | Promise<App>;
  /** Gives an application up: after its last request, when it is one too many, idle, or the bus stops. */
  readonly dispose?: (app: App, config: C) => unknown;
  /** How many applications there may be; the one that was not used for the longest time goes first. Default 100. */
  readonly max?: number;
  /** How long an application stays that has no requests. Default: it stays until another one needs its place. */
  readonly idleMs?: number;
  /** What log records call the application of a configuration, which may hold secrets. Default: not at all. */
  readonly label?: (config: C) => string;
}

/** An application made of many. */
export interface DynamicApp<C, A extends readonly unknown[] = readonly unknown[]>
  extends WebApp<A>, Component<DynamicApp<C, A>>, AsyncDisposable {
  /** How many applications there are now. */
  readonly size: number;
  /**
   * The configuration of the request at hand, frozen; also in what its application calls later.
   * @throws {Error} If it is called outside of a request.
   */
  current(): C;
  /**
   * Keeps the application of the request at hand until the promise settles, and returns the promise. For what goes on
   * after the answer was returned, such as a body that is streamed from the application's database.
   * @throws {Error} If it is called outside of a request.
   */
  hold<T>(promise: Promise<T>): Promise<T>;
}

const ACTION = "Cannot make the dynamic application";
const OPTIONS = "name dependsOn config create dispose max idleMs label within retryDelay maxRetryDelay".split(
  " ",
);

interface Made<App, A extends readonly unknown[]> {
  readonly app: App;
  readonly fetch: FetchLike<A>;
}

type MadeTenant<C, App, A extends readonly unknown[]> = Tenant<C, Made<App, A>>;

class TenantApps<C, App, A extends readonly unknown[]> implements DynamicApp<C, A> {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly fetch: FetchLike<A>;
  readonly #options: DynamicAppOptions<C, App, A>;
  readonly #log: OwnLog = new OwnLog();
  readonly #context = ownAsyncContext();
  readonly #tenants: Tenants<C, Made<App, A>>;
  readonly #idle: IdleTimer<MadeTenant<C, App, A>> | undefined;
  #isClosed = false;

  constructor(options: DynamicAppOptions<C, App, A>) {
    const { name = "dynamicApp", dependsOn = [], max = 100, idleMs } = options;
    this.name = name;
    this.dependsOn = dependsOn;
    this.#options = options;
    const tenants = new Tenants<C, Made<App, A>>({
      max,
      make: (config) => this.#make(config),
      log: this.#log,
    });
    this.#tenants = tenants;
    if (idleMs !== undefined) {
      this.#idle = new IdleTimer(idleMs, {
        find: () => tenants.all(),
        drop: (tenant) => tenants.retire(tenant),
      });
    }
    this.fetch = (request, ...rest) => this.#answer(request, rest);
  }

  get size(): number {
    return this.#tenants.size;
  }

  current(): C {
    return this.#tenantAtHand("tell the current configuration").config;
  }

  hold<T>(promise: Promise<T>): Promise<T> {
    const action = "hold the application";
    if (!isThenable(promise)) {
      throw new TypeError(`Cannot ${action}: it is ${show(promise)}, expected a promise`);
    }
    const tenant = this.#tenantAtHand(action);
    tenant.enter();
    const leave = () => {
      tenant.leave();
      this.#idle?.touch(tenant);
    };
    promise.then(leave, leave);
    return promise;
  }

  start({ log }: Phase): DynamicApp<C, A> {
    this.#log.use(log);
    this.#isClosed = false;
    return this;
  }

  /** Ends all applications, each after its last request, or when the time of the phase is nearly over. */
  stop(_?: unknown, phase?: Pick<Phase, "signal">): Promise<void> {
    this.#isClosed = true;
    this.#idle?.clear();
    return this.#tenants.retireAll(phase?.signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #answer(request: WebRequest, rest: A): WebResponse | Promise<WebResponse> {
    if (this.#isClosed) {
      return refusal(new NotReadyError(`Cannot serve: "${this.name}" was stopped`, { kind: "ended" }));
    }
    const config = this.#options.config(request, ...rest);
    const known = this.#tenants.known(config as C);
    if (known) return this.#answerBy(known, request, rest);
    return isThenable(config)
      ? Promise.resolve(config).then((config) => this.#answerBy(this.#tenants.of(config), request, rest))
      : this.#answerBy(this.#tenants.of(config), request, rest);
  }

  #answerBy(
    tenant: MadeTenant<C, App, A>,
    request: WebRequest,
    rest: A,
  ): WebResponse | Promise<WebResponse> {
    const { value } = tenant;
    if (value.isReady) return this.#answerNow(tenant, (value.get() as Made<App, A>).fetch, request, rest);
    return tenant.answer(({ fetch }) => this.#within(tenant, () => fetch(request, ...rest)), {
      get: () => this.#within(tenant, () => tenant.value.get(keeperOf(rest))),
      left: () => this.#idle?.touch(tenant),
    });
  }

  /** The same where the application is there: this is what a request costs. */
  #answerNow(
    tenant: MadeTenant<C, App, A>,
    fetch: FetchLike<A>,
    request: WebRequest,
    rest: A,
  ): WebResponse | Promise<WebResponse> {
    tenant.enter();
    let isPending = false;
    try {
      const context = this.#context;
      const answer = context ? context.run(tenant, () => fetch(request, ...rest)) : fetch(request, ...rest);
      isPending = isThenable(answer);
      if (isPending) {
        const left = () => this.#left(tenant);
        (answer as Promise<WebResponse>).then(left, left);
      }
      return answer;
    } finally {
      if (!isPending) this.#left(tenant);
    }
  }

  #left(tenant: MadeTenant<C, App, A>): void {
    tenant.leave();
    this.#idle?.touch(tenant);
  }

  /** Calls `body` so that what it calls can be told the tenant. */
  #within<T>(tenant: MadeTenant<C, App, A>, body: () => T): T {
    return this.#context ? this.#context.run(tenant, body) : body();
  }

  #make(config: C): LazyValue<Made<App, A>> {
    const { create, dispose, label, within, retryDelay, maxRetryDelay } = this.#options;
    return new LazyValue(async (signal): Promise<Made<App, A>> => {
      const app = await create(config, signal);
      return { app, fetch: fetchOf<A>(`Cannot use what "${this.name}" has made`, app) };
    }, {
      name: label ? `${this.name} ${label(config)}` : this.name,
      owner: this.#log,
      ...within !== undefined && { within },
      ...retryDelay !== undefined && { retryDelay },
      ...maxRetryDelay !== undefined && { maxRetryDelay },
      ...dispose && { dispose: ({ app }: Made<App, A>) => dispose(app, config) },
    });
  }

  #tenantAtHand(action: string): MadeTenant<C, App, A> {
    if (!this.#context) {
      throw new Error(
        `Cannot ${action}: the runtime has no AsyncLocalStorage, which workerd has with the flag "nodejs_compat"`,
      );
    }
    const tenant = this.#context.get() as MadeTenant<C, App, A> | undefined;
    if (!tenant) throw new Error(`Cannot ${action}: no request of "${this.name}" is at hand`);
    return tenant;
  }
}

/**
 * Makes one application of many: one for each configuration that its requests have. Two configurations are the same
 * where their content is, whatever the order of their keys. Each application is made once, by the first request that
 * needs it, while other requests for it wait, and requests for others do not. Where that fails, these requests are
 * answered by 503, the log says why, and a later request tries again.
 *
 * There are at most `max` applications; the one that was not used for the longest time is given up first, after its
 * last request. Use it as a component, so that all of them are given up when the bus stops.
 *
 * @throws {TypeError} If an option is unknown or of a wrong type.
 * @throws {RangeError} If a number is out of range.
 *
 * @example
 * ```ts
 * import { type DynamicApp, dynamicApp } from "@sitebus/sitebus/lazy";
 *
 * const shops: DynamicApp<{ tenant: string }> = dynamicApp({
 *   config: (request) => ({ tenant: new URL(request.url).hostname }),
 *   create: ({ tenant }) => () => new Response(`the shop of ${tenant}, asked by ${shops.current().tenant}`),
 *   max: 1_000,
 * });
 * const answer = await shops.fetch(new Request("http://ada.example/"));
 * console.log(await answer.text()); // the shop of ada.example, asked by ada.example
 * ```
 */
export function dynamicApp<
  C,
  App extends WebApp<A> | FetchLike<A>,
  A extends readonly unknown[] = readonly unknown[],
>(options: DynamicAppOptions<C, App, A>): DynamicApp<C, A> {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${ACTION}: the options are ${show(options)}, expected an object`);
  }
  checkKeys(ACTION, options, OPTIONS);
  const { config, create, dispose, label, max = 100, idleMs } = options;
  checkMaking(ACTION, options);
  checkFunction(ACTION, "config", config);
  checkFunction(ACTION, "create", create);
  checkFunction(ACTION, "dispose", dispose, true);
  checkFunction(ACTION, "label", label, true);
  if (!Number.isInteger(max) || max < 1) {
    throw new RangeError(`${ACTION}: "max" is ${show(max)}, expected a whole number from 1`);
  }
  if (idleMs !== undefined) {
    checkMs(ACTION, "idleMs", idleMs);
    if (isBoundToRequest) {
      throw new Error(
        `${ACTION}: "idleMs" cannot be kept on workerd, where timers end with their request, use "max"`,
      );
    }
  }
  return new TenantApps(options);
}
