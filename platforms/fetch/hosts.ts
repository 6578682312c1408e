/**
 * The hosts of functions from Request to Response.
 * @module
 */
import { checkKeys } from "../../src/check.ts";
import { endNow, endSoon } from "../process/ending.ts";
import { serverless, type ServerlessPlatform } from "../serverless.ts";
import {
  HOST_OPTIONS,
  type HostOptions,
  processHost,
  type ProcessHostOptions,
} from "../serverless/process_host.ts";
import { signalled } from "../serverless/signalled.ts";
import { fetchInvocation, type FetchPlatform } from "./fetch_platform.ts";
import { vercelInvocation } from "./vercel_invocation.ts";

/**
 * Makes the platform of an isolate that some host of functions runs: the edge functions of Vercel and Netlify, and others
 * like them. Work goes on after the answer only by the host's `waitUntil`, sockets and timers belong to their request,
 * and the host does not say when it ends the isolate.
 *
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a time is no number of milliseconds.
 */
export function edge(options: HostOptions = {}): FetchPlatform {
  checkKeys("Cannot use the edge platform", options, HOST_OPTIONS);
  const traits = { background: "waitUntil", ioOutsideRequests: false } as const;
  return answering(serverless({ ...options, name: "edge", traits }));
}

/**
 * Makes the platform of Netlify's functions: the process is frozen after the answer and the work that `context.waitUntil`
 * was given, and the host does not say when it ends the process.
 *
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a time is no number of milliseconds.
 * @see https://docs.netlify.com/build/functions/api/
 */
export function netlify(options: HostOptions = {}): FetchPlatform {
  checkKeys("Cannot use the Netlify platform", options, HOST_OPTIONS);
  const traits = { concurrency: "one", background: "frozen" } as const;
  return answering(serverless({ ...options, name: "Netlify", traits }));
}

/**
 * Makes the platform of Vercel's functions on Node and Bun: SIGTERM leaves 500 ms, the default of `graceMs`. `waitUntil`
 * and the deadline of an invocation are the host's own, those of `@vercel/functions`.
 *
 * @throws {Error} If the runtime has no process.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a time is no number of milliseconds.
 * @see https://vercel.com/changelog/vercel-functions-now-support-graceful-shutdown
 */
export function vercel(options: ProcessHostOptions = {}): FetchPlatform {
  const host = processHost(options, { name: "Vercel", graceMs: 500 });
  const notice = { kind: "SIGTERM", graceMs: host.graceMs };
  const platform = host.platform({ traits: { background: "waitUntil", notice } });
  return signalled({ ...answering(platform), invocation: vercelInvocation }, host, {
    // Vercel ends the process; until then answers go on to stream. Force is used only where Vercel does not.
    end: (process, ending) => endSoon(process, { ...ending, warn: () => {} }),
  });
}

/**
 * Makes the platform of Deno Deploy, for a module that exports `{ fetch }`: SIGINT leaves 5 seconds, the default of
 * `graceMs`. A program that calls `Deno.serve` is an ordinary process: use `native({ graceMs: 5_000 })` and
 * `httpServer(Deno.serve, …)`.
 *
 * @throws {Error} If the runtime has no process.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a time is no number of milliseconds.
 * @see https://docs.deno.com/deploy/reference/runtime/
 */
export function denoDeploy(options: ProcessHostOptions = {}): FetchPlatform {
  const host = processHost(options, { name: "Deno Deploy", graceMs: 5_000 });
  const platform = host.platform({ traits: { notice: { kind: "SIGINT", graceMs: host.graceMs } } });
  const sent: FetchPlatform["sent"] = (info) =>
    (info as { completed?: Promise<void> } | undefined)?.completed;
  return signalled({ ...answering(platform), sent }, host, { end: endNow });
}

function answering(platform: ServerlessPlatform): FetchPlatform {
  return { ...platform, invocation: fetchInvocation };
}
