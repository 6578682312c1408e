/**
 * Scales time limits with the speed of the machine, for scripts and for tests. `npm test` and `.ci/run` measure how slow the
 * machine is and put the factor into SITEBUS_SLOWNESS, which every program that they start inherits.
 * @module
 */

/** The places of the factor: the environment, or a global variable of the same name in workerd, which has no environment. */
interface Host {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly SITEBUS_SLOWNESS?: string;
}

/** Returns how many times slower this machine is than the one that the limits were written for: 1 or more. */
export function slowness(): number {
  const { process, SITEBUS_SLOWNESS } = globalThis as Host;
  const factor = Number(process?.env?.["SITEBUS_SLOWNESS"] ?? SITEBUS_SLOWNESS);
  return factor > 1 && Number.isFinite(factor) ? factor : 1;
}

/** Returns the limit of `ms` milliseconds, scaled for this machine. For upper limits only. */
export function patient(ms: number): number {
  return Math.ceil(ms * slowness());
}
