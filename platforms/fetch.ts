/**
 * The platforms of hosts whose functions take a Request and return a Response: Vercel, Netlify, Deno Deploy, and isolates
 * at the edge. The bus starts on the first request, and stops on the host's notice; where the host gives none, `flush` is
 * published after each request.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { fetchFunction, vercel } from "@sitebus/sitebus/fetch";
 *
 * const bus = new ProcessBus({ platform: vercel() });
 * const db = bus.use({ name: "db", start: () => connect(), stop: (db) => db.end() });
 *
 * export default { fetch: fetchFunction(bus, async (request) => Response.json(await db.value.items())) };
 * ```
 * @module
 */
export { fetchFunction } from "./fetch/fetch_function.ts";
export type { FetchPlatform } from "./fetch/fetch_platform.ts";
export { denoDeploy, edge, netlify, vercel } from "./fetch/hosts.ts";
export type { ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { HostOptions, ProcessHostOptions } from "./serverless/process_host.ts";
export type { RequestLike, WaitUntilLike } from "./serverless/web_invocation.ts";
export type { Invocation, InvocationContext, ServerlessChannels, ServerlessPlatform } from "./serverless.ts";
