/**
 * The hosts of functions from Request to Response.
 * @module
 */
import { checkKeys, checkMs } from "../../src/check.ts";
import type { Traits } from "../../src/platform.ts";
import { endNow, endSoon } from "../process/ending.ts";
import { ownProcess, type ProcessLike } from "../process/process_like.ts";
import type { SignalName } from "../process/signal_table.ts";
import { type Invocation, serverless } from "../serverless.ts";
import { HOST_OPTIONS, type HostOptions } from "../serverless/host_options.ts";
import { signalled, type SignalledOptions } from "../serverless/signalled.ts";
import { fetchInvocation, type FetchPlatform } from "./fetch_platform.ts";
import { vercelInvocation } from "./vercel_invocation.ts";

/** What may be set of a host that ends its process by a signal. */
export interface ProcessHostOptions extends HostOptions {
  /** Milliseconds from the signal until the process is killed. Default 500 on Vercel, 5 000 on Deno Deploy. */
  readonly graceMs?: number;
  /** The process to be used instead of this one, for tests. */
  readonly process?: ProcessLike;
}

/**
 * Makes the platform of an isolate that some host of functions runs: Vercel's and Netlify's edge functions and others
 * like them. Work goes on after the answer by the host's `waitUntil` alone, sockets and timers belong to their request,
 * and nobody says when the isolate ends.
 *
 * @throws {TypeError} Where an option is unknown.
 * @throws {RangeError} Where a time is no number of milliseconds.
 */
export function edge(options: HostOptions = {}): FetchPlatform {
  return host("edge", options, { background: "waitUntil", ioOutsideRequests: false });
}

/**
 * Makes the platform of Netlify's functions: the process is frozen after the answer and what `context.waitUntil` was
 * given, and nobody says when it ends.
 *
 * @throws {TypeError} Where an option is unknown.
 * @throws {RangeError} Where a time is no number of milliseconds.
 * @see https://docs.netlify.com/build/functions/api/
 */
export function netlify(options: HostOptions = {}): FetchPlatform {
  return host("Netlify", options, { concurrency: "one", background: "frozen" });
}

/**
 * Makes the platform of Vercel's functions on Node and Bun: SIGTERM leaves 500 ms. `waitUntil` and the deadline of an
 * invocation are the host's own, those of `@vercel/functions`.
 *
 * @throws {Error} Where the runtime has no process.
 * @throws {TypeError} Where an option is unknown.
 * @throws {RangeError} Where a time is no number of milliseconds.
 * @see https://vercel.com/changelog/vercel-functions-now-support-graceful-shutdown
 */
export function vercel(options: ProcessHostOptions = {}): FetchPlatform {
  return ended("Vercel", "SIGTERM", options, {
    graceMs: 500,
    traits: { background: "waitUntil" },
    invocation: vercelInvocation,
    // The host ends it; what streams has until then. Only where nobody does, there is force.
    end: (process, ending) => endSoon(process, { ...ending, warn: () => {} }),
  });
}

/**
 * Makes the platform of Deno Deploy, for a module that exports `{ fetch }`: SIGINT leaves 5 seconds. A program that calls
 * `Deno.serve` is an ordinary process: use `native({ graceMs: 5_000 })` and `httpServer(Deno.serve, …)`.
 *
 * @throws {Error} Where the runtime has no process.
 * @throws {TypeError} Where an option is unknown.
 * @throws {RangeError} Where a time is no number of milliseconds.
 * @see https://docs.deno.com/deploy/reference/runtime/
 */
export function denoDeploy(options: ProcessHostOptions = {}): FetchPlatform {
  return ended("Deno Deploy", "SIGINT", options, {
    graceMs: 5_000,
    traits: { background: "runs" },
    sent: (info) => (info as { readonly completed?: Promise<void> } | undefined)?.completed,
    end: endNow,
  });
}

function host(name: string, options: HostOptions, traits: Partial<Traits>): FetchPlatform {
  checkKeys(`Cannot use the ${name} platform`, options, HOST_OPTIONS);
  return { ...serverless({ ...options, name, traits }), invocation: fetchInvocation };
}

/** What a host does that ends its process. */
interface Ended extends Required<Pick<SignalledOptions, "end">>, Pick<FetchPlatform, "sent"> {
  readonly graceMs: number;
  readonly traits: Partial<Traits>;
  readonly invocation?: (request: Parameters<FetchPlatform["invocation"]>[0]) => Invocation;
}

function ended(name: string, signal: SignalName, options: ProcessHostOptions, how: Ended): FetchPlatform {
  const action = `Cannot use the ${name} platform`;
  const { graceMs = how.graceMs, process = ownProcess(action), ...others } = options;
  checkMs(action, "graceMs", graceMs);
  const { traits, invocation, sent, end } = how;
  const platform = host(name, others, { ...traits, notice: { kind: signal, graceMs } });
  const told = { ...platform, ...invocation && { invocation }, ...sent && { sent } };
  // Ctrl-C and a plain kill mean the same, where the function is tried out.
  return signalled(told, { action, process, signals: ["SIGTERM", "SIGINT"], graceMs, end });
}
