/**
 * The platforms of hosts whose functions go from Request to Response: Vercel, Netlify, Deno Deploy, and isolates at the
 * edge; and that of Knative's functions. The bus starts on the first request, or in Knative's `init`, and stops on the
 * host's notice, where it gives one; where it gives none, `flush` is published after each request.
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
export type { FetchPlatform, RequestLike, WaitUntilLike } from "./fetch/fetch_platform.ts";
export { denoDeploy, edge, netlify, type ProcessHostOptions, vercel } from "./fetch/hosts.ts";
export { knative, type KnativeOptions, type KnativePlatform } from "./fetch/knative.ts";
export {
  type KnativeAnswer,
  type KnativeFunction,
  knativeFunction,
  type ReplyLike,
} from "./fetch/knative_function.ts";
export type { ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { HostOptions } from "./serverless/host_options.ts";
export type { Invocation, InvocationContext, ServerlessChannels, ServerlessPlatform } from "./serverless.ts";
