/**
 * The one way to scale time limits with the machine, for scripts and for tests: `npm test` and `.ci/run` measure how
 * slow the machine is, put the factor into SITEBUS_SLOWNESS, and every program that they start inherits it.
 * @module
 */

/** Where the factor is found: the environment, or, in workerd, which has none, a global of the same name. */
interface Host {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly SITEBUS_SLOWNESS?: string;
}

/** How many times slower this machine is than the one that the limits were written for: 1 or more. */
export function slowness(): number {
  const { process, SITEBUS_SLOWNESS } = globalThis as Host;
  const factor = Number(process?.env?.["SITEBUS_SLOWNESS"] ?? SITEBUS_SLOWNESS);
  return factor > 1 && Number.isFinite(factor) ? factor : 1;
}

/** What a limit of `ms` milliseconds is on this machine. For upper limits only: nothing may be faster than it was. */
export function patient(ms: number): number {
  return Math.ceil(ms * slowness());
}
