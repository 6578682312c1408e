/**
 * Requests of tenants, who are told apart by the host.
 * @module
 */

/** Resolves after so many milliseconds. */
export const wait = (ms: number): Promise<void> => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A request of a tenant. */
export const request = (tenant: string): Request => new Request(`http://${tenant}.example/`);

/** Its configuration. */
export const tenantOf = (request: object): { tenant: string } => ({
  tenant: new URL((request as Request).url).hostname.split(".")[0]!,
});

/** Asks for one tenant, and reads the answer. */
export async function ask(
  { fetch }: { readonly fetch: (request: Request) => Response | Promise<Response> },
  tenant: string,
): Promise<[number, string]> {
  const answer = await fetch(request(tenant));
  return [answer.status, await answer.text()];
}

/** A promise that the test settles. */
export function gate(): { readonly open: Promise<void>; release(): void } {
  let release = () => {};
  const open = new Promise<void>((resolve) => release = resolve);
  return { open, release: () => release() };
}
