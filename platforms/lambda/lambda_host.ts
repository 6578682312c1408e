/**
 * What a Lambda platform knows of its host, for the entry points that are given its bus.
 * @module
 */
import { type Controller, web } from "../../src/internal.ts";
import { show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import type { Platform } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { webClock } from "../../src/web_clock.ts";
import type { ProcessLike } from "../process/process_like.ts";
import { gate } from "../serverless.ts";
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
  /** Whether the process is the extension, and nothing else. */
  readonly external: boolean;
}

/** Marks the platform of AWS Lambda; two copies of this package may meet. */
const mark: unique symbol = Symbol.for("sitebus.lambda") as never;

/** A platform of AWS Lambda. */
export type LambdaPlatform<P extends Platform = Platform> = P & { readonly [mark]: LambdaHost };

// Lambda takes 10 s for an initialization, then ends it and begins anew: what takes longer goes on in the first
// invocation. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
const initMs = 9_800;

/** The host as one process sees it. */
export class LambdaHost {
  readonly process: ProcessLike;
  /** What this process registers as, when its bus begins. */
  plan: ExtensionPlan | undefined;
  /** Once it has. */
  extension: Extension | undefined;
  /** Whether this program asks for its invocations itself, so that it may end by itself. */
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

  /** Aborts when the bus has left: nothing is asked of the host any more. */
  get ended(): Controller["signal"] {
    return this.#ending.signal;
  }

  /** A variable of the environment that AWS Lambda sets. */
  variable(name: string): string | undefined {
    return this.process.env[name];
  }

  /** Whether one process is given many invocations at a time, as on Lambda Managed Instances. */
  get isShared(): boolean {
    return this.variable("AWS_LAMBDA_MAX_CONCURRENCY") !== undefined;
  }

  /**
   * Asks the host.
   * @throws {Error} where this is not AWS Lambda.
   */
  get ask(): AskHost {
    return this.#ask ??= askHost(this.process, this.#api());
  }

  /** Registers the extension that is planned, where it has not. @throws {Error} where that fails. */
  async register(): Promise<void> {
    const { plan } = this;
    if (plan === undefined || this.extension !== undefined) return;
    const use = (extension: Extension) => this.#use(extension, plan);
    await registerExtension(this.ask, { ...plan, signal: this.ended, use });
  }

  /** The same before it returns; threads leave it to their main one. */
  registerSync(): void {
    const { plan } = this;
    if (plan === undefined || this.extension !== undefined || !threadsOf(this.process).isMainThread) return;
    const use = (id: string) => this.#use(extensionOf(this.ask, id), plan);
    registerExtensionSync(this.process, { api: this.#api(), name: plan.name, use });
  }

  #use(extension: Extension, { external }: ExtensionPlan): void {
    this.extension = extension;
    // An internal one is told of nothing: asking once says that it is initialized, and gets no answer.
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

/** What is said where an extension could not be registered. */
export function withoutExtension(error: unknown): string {
  return `SIGTERM will not come, so that nothing is stopped in order, unless another extension is there: ${
    textOf(error)
  }`;
}

/** Makes a platform known as one of AWS Lambda. */
export function markPlatform<P extends Platform>(platform: P, host: LambdaHost): LambdaPlatform<P> {
  return { ...platform, [mark]: host };
}

/**
 * The host of a bus.
 * @throws {TypeError} where its platform is not `awsLambda()`.
 */
export function hostOf<C extends object>(action: string, bus: ProcessBus<C>): LambdaHost {
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
 * Starts the bus while the host initializes the process, when it gets all of the machine. A start that fails is logged
 * by the bus and tried again by the first invocation: a module that throws would cost the environment.
 */
export async function initialize<C extends object>(bus: ProcessBus<C>, host: LambdaHost): Promise<void> {
  const ready = gate(bus).ready();
  if (ready === undefined) return;
  const started = ready.catch(() => {});
  // Any other kind of initialization takes minutes, and may be frozen right after it.
  if (host.variable("AWS_LAMBDA_INITIALIZATION_TYPE") !== "on-demand") return await started;
  let disarm = () => {};
  const limit = new Promise<void>((fire) => disarm = webClock.setTimer(initMs, fire));
  await Promise.race([started, limit]);
  disarm();
}
