/**
 * The host of a Lambda platform, for the entry points that are given its bus.
 * @module
 */
import { type Controller, web } from "../../src/internal.ts";
import { checkName, show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import type { Control, Platform } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { ProcessLike } from "../process/process_like.ts";
import { settlesWithin } from "../process/settles_within.ts";
import { gate } from "../serverless.ts";
import type { ServerlessRecord } from "../serverless/log_event.ts";
import { observe, type ObservedPlatform } from "../testing/observer.ts";
import {
  type Extension,
  type ExtensionEventName,
  extensionOf,
  registerExtension,
  registerExtensionSync,
} from "./extension.ts";
import { type AskHost, askHost } from "./host_request.ts";
import { threadsOf } from "./thread_link.ts";

/** The extension that a process registers as. */
export interface ExtensionPlan {
  readonly name: string;
  readonly events: readonly ExtensionEventName[];
  /** Whether the process is an extension, and not a function. */
  readonly external: boolean;
}

/**
 * The plan of an internal extension, which is told of nothing; undefined for `false`.
 * @throws {TypeError} If the name is none.
 */
export function internalExtension(
  action: string,
  name: string | false = "sitebus",
): ExtensionPlan | undefined {
  return name === false ? undefined : { name: checkName(action, name), events: [], external: false };
}

/** Marks the platform of AWS Lambda; two copies of this package may meet. */
const mark: unique symbol = Symbol.for("sitebus.lambda") as never;

/** A platform of AWS Lambda. */
export type LambdaPlatform<P extends Platform = Platform> = P & { readonly [mark]: LambdaHost };

/**
 * Lambda gives an initialization 10 s, then ends the process and begins anew. So this long after the process began, in
 * milliseconds, nothing is waited for any more; a start that takes longer goes on in the first invocation.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
const INIT_MS = 9_800;

/** The host, as one process sees it. */
export class LambdaHost {
  readonly process: ProcessLike;
  /** The extension to register when the bus begins. */
  plan: ExtensionPlan | undefined;
  /** The extension, once it has registered. */
  extension: Extension | undefined;
  /** Whether this program asks for its invocations itself. Then it may also end by itself. */
  ownsLoop = false;
  /** Resolves to the exit code when the bus has left. */
  readonly left: Promise<number>;
  #resolve: (code: number) => void = () => {};
  readonly #ending: Controller = new web.AbortController();
  #ask: AskHost | undefined;

  constructor(process: ProcessLike, plan: ExtensionPlan | undefined) {
    this.process = process;
    this.plan = plan;
    this.left = new Promise((resolve) => this.#resolve = resolve);
  }

  /** Aborts when the bus has left, and with it all requests to the host. */
  get ended(): Controller["signal"] {
    return this.#ending.signal;
  }

  /** Returns an environment variable that AWS Lambda sets. */
  variable(name: string): string | undefined {
    return this.process.env[name];
  }

  /** Whether one process gets many invocations at a time, as on Lambda Managed Instances. */
  get isShared(): boolean {
    return this.variable("AWS_LAMBDA_MAX_CONCURRENCY") !== undefined;
  }

  /**
   * Asks the host.
   * @throws {Error} If this is not AWS Lambda.
   */
  get ask(): AskHost {
    return this.#ask ??= askHost(this.process, this.#api());
  }

  /** Registers the extension of the plan, unless it has registered. @throws {Error} If that fails. */
  async register(): Promise<void> {
    const { plan } = this;
    if (plan === undefined || this.extension !== undefined) return;
    const use = (extension: Extension) => this.#use(extension, plan);
    await registerExtension(this.ask, { ...plan, signal: this.ended, use });
  }

  /** Does the same before it returns. Threads leave it to their main thread. */
  registerSync(): void {
    const { plan } = this;
    if (plan === undefined || this.extension !== undefined || !threadsOf(this.process).isMainThread) return;
    const use = (id: string) => this.#use(extensionOf(this.ask, id), plan);
    registerExtensionSync(this.process, { api: this.#api(), name: plan.name, use });
  }

  #use(extension: Extension, { external }: ExtensionPlan): void {
    this.extension = extension;
    // An internal extension is told of nothing: asking once says that it is initialized, and gets no answer.
    if (!external) extension.next(this.ended).catch(() => {});
  }

  /** The bus has left. */
  leave(code: number): void {
    this.#resolve(code);
    this.#ending.abort(new Error("The bus has left"));
  }

  #api(): string {
    const name = "AWS_LAMBDA_RUNTIME_API";
    const api = this.variable(name);
    if (api === undefined || api === "") {
      throw new Error(`Cannot ask the host: ${name} is not set, so this is not AWS Lambda`);
    }
    return api;
  }
}

/** Logs that an extension could not be registered. */
export function unsignaled(to: Pick<Control, "log">, error: unknown): void {
  const what =
    "SIGTERM will not come, so that nothing is stopped in order, unless another extension is there";
  to.log(
    `${what}: ${textOf(error)}`,
    { event: "unsignaled", level: "warn", error } satisfies ServerlessRecord,
  );
}

/** Marks a platform as one of AWS Lambda. */
export function markPlatform<P extends Platform>(platform: P, host: LambdaHost): LambdaPlatform<P> {
  return { ...platform, [mark]: host };
}

/**
 * Returns the host of a bus; undefined on a testing platform, which has none.
 * @throws {TypeError} If the platform is another one.
 */
export function hostOf<C extends object>(action: string, bus: ProcessBus<C>): LambdaHost | undefined {
  const platform = (bus as ProcessBus<C> | undefined)?.platform as Partial<ObservedPlatform> | undefined;
  return platform?.[observe] ? undefined : realHostOf(action, bus);
}

/**
 * Returns the host of a bus that needs one.
 * @throws {TypeError} If the platform is not `awsLambda()`.
 */
export function realHostOf<C extends object>(action: string, bus: ProcessBus<C>): LambdaHost {
  const platform = (bus as ProcessBus<C> | undefined)?.platform as Partial<LambdaPlatform> | undefined;
  const host = platform?.[mark];
  if (host === undefined) {
    const found = platform === undefined
      ? `${show(bus)} is no bus`
      : `its platform is ${show(platform.name)}`;
    throw new TypeError(`${action}: ${found}, expected awsLambda()`);
  }
  return host;
}

/**
 * Starts the bus while the host initializes the process, which has the whole machine then. The bus logs a start that
 * fails, and the first invocation tries again: a module that throws would cost the environment. The time of the
 * initialization is one for the process, however many functions it has.
 */
export async function initialize<C extends object>(
  bus: ProcessBus<C>,
  host: LambdaHost | undefined,
): Promise<void> {
  const ready = gate(bus).ready();
  if (ready === undefined) return;
  const started = ready.catch(() => {});
  // Any other kind of initialization has minutes, and may be frozen right after it.
  if (host?.variable("AWS_LAMBDA_INITIALIZATION_TYPE") !== "on-demand") return await started;
  await settlesWithin(started, Math.max(0, INIT_MS - 1000 * host.process.uptime()));
}
