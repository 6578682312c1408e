/**
 * Values and applications that are made when they are first needed: `lazy` for a value, `dynamicApp` for an
 * application for each configuration, `mount` for several applications behind one server, and `serialize` for an
 * application that can answer one request at a time.
 *
 * @example
 * ```ts
 * import { dynamicApp } from "@sitebus/sitebus/lazy";
 *
 * const shops = dynamicApp({
 *   config: (request) => ({ tenant: new URL(request.url).hostname }),
 *   create: ({ tenant }) => () => new Response(`the shop of ${tenant}`),
 * });
 * const answer = await shops.fetch(new Request("http://ada.example/"));
 * console.log(await answer.text()); // the shop of ada.example
 * ```
 * @module
 */
export { type DynamicApp, dynamicApp, type DynamicAppOptions } from "./lazy/dynamic_app.ts";
export { lazy } from "./lazy/lazy.ts";
export type { Lazy, LazyOptions } from "./lazy/lazy_value.ts";
export { mount, type MountTable } from "./lazy/mount.ts";
export type { AppFactory, MountedApp } from "./lazy/site.ts";
export { type SerialApp, serialize, type SerializeOptions } from "./lazy/serialize.ts";
export type { FetchLike, Keeper, WebApp, WebRequest, WebResponse } from "./lazy/web_app.ts";
export { isNotReady, type NotReadyError } from "../platforms/serverless/not_ready_error.ts";
