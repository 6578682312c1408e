/**
 * The global `Request` on Node, made to take the requests of srvx.
 * @module
 */
import process from "node:process";

/**
 * Has `new Request(request)` copy a request of `sitebus serve`, as on Deno and Bun. On Node, srvx serves requests of a class
 * of its own, which Node's `Request` refuses with a `TypeError`; middleware and frameworks such as Nitro make such copies.
 * Call it before the application is imported, since a module may keep the global.
 *
 * In a unit, srvx serves such requests on every runtime.
 */
export async function takeServedRequests(
  { inUnit = false }: { readonly inUnit?: boolean } = {},
): Promise<void> {
  const { deno, bun } = process.versions as Readonly<Record<string, string | undefined>>;
  if (!inUnit && (deno !== undefined || bun !== undefined)) return;
  const { patchGlobalRequest } = await import("srvx/node");
  patchGlobalRequest();
}
