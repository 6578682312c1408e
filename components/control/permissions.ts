/**
 * The permissions that Deno gives this program. They are queried, and the user is never prompted.
 * @module
 */

interface DenoPermissions {
  readonly permissions: { querySync(what: { readonly name: string }): { readonly state: string } };
}

/** The permissions that a socket in a folder of the user needs. */
const NEEDED = ["read", "write", "env", "sys", "net"];

/** The first permission of Deno that is missing; undefined on other runtimes. */
export function missingPermission(): string | undefined {
  const { Deno: deno } = globalThis as { readonly Deno?: DenoPermissions };
  return deno && NEEDED.find((name) => deno.permissions.querySync({ name }).state !== "granted");
}
