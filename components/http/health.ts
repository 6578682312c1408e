/**
 * Health probes: whether the application lives, whether it is ready for traffic, and whether it has started.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/probes/
 * @module
 */
import { checkFunction, checkKeys, show } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { Readiness } from "../../src/readiness.ts";
import { checkPort, checkText } from "./place.ts";
import type { ProbeAnswer, Probes } from "./wiring.ts";

/** The members of a bus that the health needs. */
export interface HealthBus extends Pick<ProcessBus, "state" | "settled" | "inspect" | "check" | "wait"> {
  /** Used where the health has a port of its own, which opens and closes with the bus. */
  subscribe(
    channel: "enter" | "exited",
    listener: () => unknown,
    options?: { readonly name?: string; readonly priority?: number },
  ): unknown;
}

/** The result of a probe. */
export interface HealthProbe {
  /** The path of the probe, without its query. */
  readonly path: string;
  /** Whether the answer is 200; else it is 503. */
  readonly ok: boolean;
  /** Whether the bus has not run yet. */
  readonly starting: boolean;
  /** The JSON that is the default answer. It holds no texts of errors. */
  readonly body: string;
}

/** An answer to a probe: what is left out is as it would be. */
export interface HealthAnswer {
  /** The status. Default 200 or 503. */
  readonly status?: number;
  /** The body. Default: the JSON of the probe. */
  readonly body?: string;
  /** Headers besides `content-type: application/json` and `cache-control: no-store`, or instead of them. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Which paths tell the health of an application, and where. */
export interface HealthOptions {
  /** The bus whose health is told. */
  readonly bus: HealthBus;
  /** 200 while the process answers. `null`: no such path. Default "/livez". */
  readonly livez?: string | null;
  /** 200 while the bus runs, has settled, and every component's `check` passes; else 503. Default "/readyz". */
  readonly readyz?: string | null;
  /** 200 once the bus has run; until then 503. Default "/startupz". */
  readonly startupz?: string | null;
  /**
   * A check for each path. A path of its own is 200 while its check passes; on a path from above both have to pass. A
   * check fails where it throws, rejects, returns `false`, or has not settled after 5 s.
   */
  readonly checks?: Readonly<Record<string, () => unknown>>;
  /** Makes another answer of what a probe found. Where it throws, or makes what cannot be sent, the answer is 500. */
  readonly answer?: (probe: HealthProbe) => HealthAnswer | undefined | Promise<HealthAnswer | undefined>;
  /**
   * A port of its own, which answers from the bus's `enter` until `exited`. 0 picks a free one. Default: the port of the
   * server.
   */
  readonly port?: number;
  /** The host of that port. Default: the host of the server. */
  readonly host?: string;
}

const PATHS = { livez: "/livez", readyz: "/readyz", startupz: "/startupz" } as const;

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

/** How long a check of a path may take, as that of a component. */
const CHECK_MS = 5000;

type Field = keyof typeof PATHS;

/** Checks the options. */
export function checkHealth(action: string, health: HealthOptions): void {
  checkKeys(`${action}: "health"`, health, [
    "bus",
    ...Object.keys(PATHS),
    "checks",
    "answer",
    "port",
    "host",
  ]);
  const { bus, checks = {}, answer, port, host } = health;
  for (const method of ["inspect", "check", "wait", ...port === undefined ? [] : ["subscribe"]]) {
    const found = (bus as object as Readonly<Record<string, unknown>> | undefined)?.[method];
    checkFunction(action, `health.bus.${method}`, found);
  }
  const isPath = (path: unknown) => typeof path === "string" && /^\/[^?#\s]*$/.test(path);
  for (const field of Object.keys(PATHS) as Field[]) {
    const path = health[field];
    if (path === undefined || path === null || isPath(path)) continue;
    throw new TypeError(
      `${action}: "health.${field}" is ${show(path)}, expected a path such as "${PATHS[field]}"`,
    );
  }
  if (typeof checks !== "object" || checks === null) {
    throw new TypeError(`${action}: "health.checks" is ${show(checks)}, expected an object of paths`);
  }
  for (const [path, check] of Object.entries(checks)) {
    if (!isPath(path)) {
      throw new TypeError(`${action}: "health.checks" has ${show(path)}, expected a path such as "/healthz"`);
    }
    checkFunction(action, `health.checks["${path}"]`, check);
  }
  checkFunction(action, "health.answer", answer, true);
  const paths = pathsOf(health).map(([, path]) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new TypeError(`${action}: the health path "${twice}" is there twice`);
  if (paths.length === 0 && Object.keys(checks).length === 0) {
    throw new TypeError(`${action}: every path of "health" is null, expected one at least`);
  }
  if (port !== undefined) checkPort(action, "health.port", port);
  if (host === undefined) return;
  if (port === undefined) {
    throw new TypeError(`${action}: "health.host" needs a "health.port" of its own`);
  }
  checkText(action, "health.host", host, "a name or an address");
}

/** The paths of the three probes that are answered. */
function pathsOf(health: HealthOptions): [Field, string][] {
  return (Object.keys(PATHS) as Field[]).flatMap((field) => {
    const { [field]: path = PATHS[field] } = health;
    return path === null ? [] : [[field, path] as [Field, string]];
  });
}

/** The result of one path, before it is made into an answer. */
interface Found {
  readonly ok: boolean;
  readonly readiness?: Readiness;
  readonly check?: "passed" | "failed" | "late";
}

/** Answers probes from what the bus knows. */
export class Health implements Probes {
  readonly #bus: HealthBus;
  readonly #answer: HealthOptions["answer"];
  readonly #requests: () => number | undefined;
  readonly #paths: ReadonlyMap<string, () => Promise<Found>>;
  #started = false;
  /** The check of the bus that is under way: probes that come meanwhile get the same answer. */
  #asking: Promise<Readiness> | undefined;

  /** `requests` counts those that the server has in flight. */
  constructor(health: HealthOptions, requests: () => number | undefined) {
    const { bus, checks = {}, answer } = health;
    this.#requests = requests;
    this.#bus = bus;
    this.#answer = answer;
    const probes: Readonly<Record<Field, () => Promise<Found>>> = {
      livez: async () => ({ ok: true }),
      readyz: () => this.#readyz(),
      startupz: async () => ({ ok: this.#started }),
    };
    const paths = new Map(pathsOf(health).map(([field, path]) => [path, probes[field]]));
    for (const [path, check] of Object.entries(checks)) {
      const first = paths.get(path) ?? probes.livez;
      const ask = oneAtATime(check);
      paths.set(path, async () => {
        const [found, result] = await Promise.all([first(), ask()]);
        return { ...found, ok: found.ok && result === "passed", check: result };
      });
    }
    this.#paths = paths;
  }

  /** Begins to wait for the bus to run. */
  watch(): void {
    this.#bus.wait("run").then(() => this.#started = true, () => {});
  }

  get paths(): readonly string[] {
    return [...this.#paths.keys()];
  }

  answer(method: string | undefined, target: string): Promise<ProbeAnswer> | undefined {
    if (method !== "GET" && method !== "HEAD") return undefined;
    const query = target.indexOf("?");
    const path = query === -1 ? target : target.slice(0, query);
    const probe = this.#paths.get(path);
    return probe && this.#answerBy(path, probe);
  }

  async #answerBy(path: string, probe: () => Promise<Found>): Promise<ProbeAnswer> {
    const found = await probe();
    const { ok } = found;
    const body = this.#bodyOf(found);
    const usual = { status: ok ? 200 : 503, headers: HEADERS, body };
    if (!this.#answer) return usual;
    try {
      const given = await this.#answer({ path, ok, starting: !this.#started, body });
      return given ? withAnswer(usual, given) : usual;
    } catch {
      return { status: 500, headers: HEADERS, body: '{"error":"health.answer failed"}\n' };
    }
  }

  async #readyz(): Promise<Found> {
    this.#asking ??= this.#bus.check().finally(() => this.#asking = undefined);
    const readiness = await this.#asking;
    return { ok: readiness.ready, readiness };
  }

  /** The public part of the answer: no listeners, and no texts of errors. */
  #bodyOf({ ok, readiness, check }: Found): string {
    const { goal, leftMs, held = [], components = [] } = this.#bus.inspect();
    const { state, settled } = readiness ?? this.#bus;
    const checks = new Map(readiness?.components.map(({ name, check, ms }) => [name, { check, ms }]));
    const body = {
      status: ok || this.#started ? undefined : "starting",
      state,
      settled,
      goal,
      // The calls that a stop still waits for, and how long it may.
      ...goal !== undefined && {
        leftMs: rounded(leftMs),
        requests: this.#requests(),
        held: held.map(({ name, ms }) => ({ name, ms: rounded(ms) })),
      },
      check,
      components: components.map(({ name, status, ms }) => {
        const { check, ms: checkMs } = checks.get(name) ?? {};
        return { name, status, ms: rounded(ms), check, checkMs: rounded(checkMs) };
      }),
    };
    return `${JSON.stringify(body)}\n`;
  }
}

/**
 * The usual answer with what was given instead.
 * @throws {TypeError} If it cannot be sent: a server that was handed it would throw where nobody catches it.
 */
function withAnswer(usual: ProbeAnswer, given: HealthAnswer): ProbeAnswer {
  if (typeof given !== "object") throw new TypeError("it is no object");
  const { status = usual.status, body = usual.body, headers = {} } = given;
  const isSent = Number.isInteger(status) && status >= 200 && status <= 599 && typeof body === "string" &&
    Object.entries(headers).every(([name, value]) =>
      /^[\w!#$%&'*+.^`|~-]+$/.test(name) && isHeaderValue(value)
    );
  if (!isSent) throw new TypeError("it has a status, a body or a header that cannot be sent");
  return { status, body, headers: { ...usual.headers, ...headers } };
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === "string" && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

/** Wraps a check: while one call is pending, further calls get its result. Never rejects. */
function oneAtATime(check: () => unknown): () => Promise<"passed" | "failed" | "late"> {
  let pending: Promise<"passed" | "failed"> | undefined;
  return async () => {
    pending ??= (async () => await check() === false ? "failed" as const : "passed" as const)()
      .catch(() => "failed" as const)
      .finally(() => pending = undefined);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), CHECK_MS);
    });
    return await Promise.race([pending, late]).finally(() => clearTimeout(timer));
  };
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}
