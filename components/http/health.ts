/**
 * What a host asks a process, and what it is told: whether it lives, whether it is ready for traffic, and whether it
 * has started.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/probes/
 * @module
 */
import { checkFunction, checkKeys, show } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { Readiness } from "../../src/readiness.ts";
import { checkPort, checkText } from "./check_place.ts";
import type { ProbeAnswer } from "./wiring.ts";

/** What the health of an application is asked of: its bus. */
export type HealthBus = Pick<ProcessBus, "state" | "settled" | "inspect" | "check" | "wait">;

/** Which paths tell the health of an application, and where. */
export interface HealthOptions {
  /** The bus that is asked. */
  readonly bus: HealthBus;
  /** 200 while the process answers. `null`: no such path. Default "/livez". */
  readonly livez?: string | null;
  /** 200 while the bus runs, has settled, and every component's `check` passes; else 503. Default "/readyz". */
  readonly readyz?: string | null;
  /** 200 once the bus has run; until then 503. Default "/startupz". */
  readonly startupz?: string | null;
  /** A port of its own, which answers until the component stops. 0 picks a free one. Default: the server's own port. */
  readonly port?: number;
  /** The host of that port. Default: that of the server. */
  readonly host?: string;
}

const PATHS = { livez: "/livez", readyz: "/readyz", startupz: "/startupz" } as const;

/** Refuses what are no options. */
export function checkHealth(action: string, health: HealthOptions): void {
  checkKeys(`${action}: "health"`, health, ["bus", ...Object.keys(PATHS), "port", "host"]);
  for (const method of ["inspect", "check", "wait"] as const) {
    checkFunction(action, `health.bus.${method}`, (health.bus as Partial<HealthBus> | undefined)?.[method]);
  }
  for (const field of Object.keys(PATHS) as (keyof typeof PATHS)[]) {
    const path = health[field];
    if (path === undefined || path === null || (typeof path === "string" && /^\/[^?#\s]*$/.test(path))) {
      continue;
    }
    throw new TypeError(
      `${action}: "health.${field}" is ${show(path)}, expected a path such as "${PATHS[field]}"`,
    );
  }
  const paths = pathsOf(health).map(([, path]) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new TypeError(`${action}: the health path "${twice}" is there twice`);
  if (paths.length === 0) {
    throw new TypeError(`${action}: every path of "health" is null, expected one at least`);
  }
  if (health.port !== undefined) checkPort(action, "health.port", health.port);
  if (health.host === undefined) return;
  if (health.port === undefined) {
    throw new TypeError(`${action}: "health.host" needs a "health.port" of its own`);
  }
  checkText(action, "health.host", health.host, "a name or an address");
}

/** The paths that are answered. */
function pathsOf(health: HealthOptions): [keyof typeof PATHS, string][] {
  return (Object.keys(PATHS) as (keyof typeof PATHS)[]).flatMap((field) => {
    const { [field]: path = PATHS[field] } = health;
    return path === null ? [] : [[field, path] as [keyof typeof PATHS, string]];
  });
}

/** Answers probes out of what the bus knows. */
export class Health {
  readonly #bus: HealthBus;
  readonly #answers: ReadonlyMap<string, () => Promise<ProbeAnswer>>;
  #started = false;
  /** Probes that come while one is asked about are answered with the same. */
  #asking: Promise<Readiness> | undefined;

  constructor(health: HealthOptions) {
    this.#bus = health.bus;
    const by = {
      livez: async () => this.#answer(true),
      readyz: () => this.#readyz(),
      startupz: async () => this.#answer(this.#started),
    };
    this.#answers = new Map(pathsOf(health).map(([field, path]) => [path, by[field]]));
  }

  /** Begins to wait for the bus to run. */
  watch(): void {
    this.#bus.wait("run").then(() => this.#started = true, () => {});
  }

  /** The paths that are answered. */
  get paths(): string[] {
    return [...this.#answers.keys()];
  }

  /** Answers a path; undefined where it is another. */
  readonly probe = (path: string): Promise<ProbeAnswer> | undefined => this.#answers.get(path)?.();

  async #readyz(): Promise<ProbeAnswer> {
    this.#asking ??= this.#bus.check().finally(() => this.#asking = undefined);
    const readiness = await this.#asking;
    return this.#answer(readiness.ready, readiness);
  }

  /** What is told to anybody who asks: no listeners, and no texts of errors. */
  #answer(ok: boolean, readiness?: Readiness): ProbeAnswer {
    const { goal, components = [] } = this.#bus.inspect();
    const { state, settled } = readiness ?? this.#bus;
    const checks = new Map(readiness?.components.map(({ name, check, ms }) => [name, { check, ms }]));
    const body = {
      state,
      settled,
      goal,
      components: components.map(({ name, status, ms }) => {
        const { check, ms: checkMs } = checks.get(name) ?? {};
        return { name, status, ms: rounded(ms), check, checkMs: rounded(checkMs) };
      }),
    };
    return { status: ok ? 200 : 503, body: `${JSON.stringify(body)}\n` };
  }
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}
