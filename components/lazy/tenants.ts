/**
 * The applications by their configurations: at most so many, the least recently used out first.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Signal } from "../../src/internal.ts";
import { canonical, isPlain } from "./canonical.ts";
import { Instance } from "./instance.ts";
import type { OwnLog } from "./own_log.ts";
import type { LazyValue } from "./lazy_value.ts";

/** How many spellings of one configuration, by the order of its keys, are known without sorting them. */
const MAX_SPELLINGS = 4;

/** The application of one configuration. */
export class Tenant<C, T> extends Instance<T> {
  readonly key: string;
  /** Frozen: it says for ever what its key says, whatever becomes of the object that a request has brought. */
  readonly config: C;
  /** The number of its last request. */
  turn = 0;
  /** The JSON texts that are known to be this configuration. */
  readonly spellings: string[] = [];

  constructor({ key, config, value }: { key: string; config: C; value: LazyValue<T> }) {
    super(value);
    this.key = key;
    this.config = config;
  }
}

/** The key of an application. */
export interface TenantsOptions<C, T> {
  /** How many there may be. */
  readonly max: number;
  /** Makes a value that is not made yet. */
  readonly make: (config: C) => LazyValue<T>;
  readonly log: OwnLog;
}

/** All applications of one owner. */
export class Tenants<C, T> {
  readonly #options: TenantsOptions<C, T>;
  /** By their canonical texts. */
  readonly #tenants = new Map<string, Tenant<C, T>>();
  /** The same by spellings that have occurred, so that a hit sorts no keys. */
  readonly #spellings = new Map<string, Tenant<C, T>>();
  /** The applications whose end is under way. */
  readonly #ending = new Set<Tenant<C, T>>();
  #turn = 0;

  constructor(options: TenantsOptions<C, T>) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#tenants.size;
  }

  /** All there are. */
  all(): Iterable<Tenant<C, T>> {
    return this.#tenants.values();
  }

  /** Finds the one of a configuration that has come in this spelling before; this is what a request costs. */
  known(config: C): Tenant<C, T> | undefined {
    const tenant = isPlain(config) ? this.#spellings.get(JSON.stringify(config)) : undefined;
    if (tenant) tenant.turn = ++this.#turn;
    return tenant;
  }

  /** Finds the one of a configuration, or adds it. @throws {TypeError} If the configuration is no plain data. */
  of(config: C): Tenant<C, T> {
    const key = canonical(config);
    const tenant = this.#tenants.get(key) ?? this.#add(key);
    tenant.turn = ++this.#turn;
    if (isPlain(config) && tenant.spellings.length < MAX_SPELLINGS) {
      const spelling = JSON.stringify(config);
      tenant.spellings.push(spelling);
      this.#spellings.set(spelling, tenant);
    }
    return tenant;
  }

  /** Gives one up, after its last request. */
  retire(tenant: Tenant<C, T>): void {
    this.#tenants.delete(tenant.key);
    for (const spelling of tenant.spellings) this.#spellings.delete(spelling);
    this.#ending.add(tenant);
    tenant.retire().catch((error) => {
      this.#options.log.error(`Cannot dispose of "${tenant.value.name}": ${textOf(error)}`, error);
    }).finally(() => this.#ending.delete(tenant));
  }

  /**
   * Gives all up, each after its last request, or when the signal aborts.
   * @throws {AggregateError} If some could not be disposed of.
   */
  async retireAll(signal: Signal | undefined): Promise<void> {
    for (const tenant of [...this.all()]) this.retire(tenant);
    const ending = [...this.#ending];
    const cut = () => ending.forEach((tenant) => tenant.cut());
    if (signal?.aborted) cut();
    signal?.addEventListener("abort", cut);
    const ends = await Promise.allSettled(ending.map((tenant) => tenant.retire()));
    signal?.removeEventListener("abort", cut);
    const errors = ends.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
    if (errors.length === 0) return;
    throw new AggregateError(errors, `Cannot dispose of ${errors.length} applications: ${textOf(errors[0])}`);
  }

  #add(key: string): Tenant<C, T> {
    const { max, make } = this.#options;
    const config = freeze(JSON.parse(key)) as C;
    const tenant = new Tenant({ key, config, value: make(config) });
    if (this.size >= max) this.retire(this.#leastRecentlyUsed());
    this.#tenants.set(key, tenant);
    return tenant;
  }

  #leastRecentlyUsed(): Tenant<C, T> {
    return [...this.all()].reduce((found, tenant) => tenant.turn < found.turn ? tenant : found);
  }
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
