/**
 * The flags of Deno that the units of the command are started with. Deno does not tell a program its own flags, but it tells
 * what the program may do.
 * @module
 */

interface PermissionsLike {
  querySync(descriptor: { readonly name: string }): { readonly state: string };
}

const NAMES = ["read", "write", "net", "env", "run", "sys", "ffi", "import"];

/**
 * On Deno, the permissions that this program has in full, as flags: one that is limited, such as to some files, is not passed
 * on. Nothing where all are granted, and on other runtimes.
 */
export function denoFlags(): { readonly flags?: readonly string[] } {
  const { Deno } = globalThis as { readonly Deno?: { readonly permissions: PermissionsLike } };
  if (Deno === undefined) return {};
  const granted = NAMES.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  return granted.length === NAMES.length ? {} : { flags: granted.map((name) => `--allow-${name}`) };
}
