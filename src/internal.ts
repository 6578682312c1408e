/**
 * The part of the core that the platforms and components of this repository need beyond its public API. It is not an
 * entry point: nothing here is promised to anybody outside the repository.
 *
 * - `web`, `Controller`, `Signal`: the web-standard globals, and structural types for them.
 * - `defer`: a promise that is settled from outside.
 * - `isThenable`: whether a value can be awaited; it never throws.
 * - `namedError`: an error that is told by its name alone, `AbortError` or `TimeoutError`.
 * - `FOLD_MS`: the time in which several termination signals count as one.
 * - `shareNotice`: how the time of a notice is shared out among `drain`, `stop` and `exit`.
 * - `listenersOf`: a live count of the listeners of one channel, for a path that must cost nothing without any.
 * - `dependenciesOf`: the components that one depends on, for whoever draws them.
 * @module
 */
import { type Bus, coreOf } from "./bus.ts";
import type { Member } from "./member.ts";
import { isApart } from "./members.ts";
import { fullName } from "./owner.ts";
import { engineOf, type ProcessBus } from "./process_bus.ts";

export { defer, type Deferred } from "./_deferred.ts";
export { type Controller, type Signal, type UrlLike, web } from "./_web.ts";
export { isThenable } from "./_adopt.ts";
export { FOLD_MS } from "./control.ts";
export { shareNotice } from "./limits.ts";
export { namedError } from "./errors.ts";

/** The listeners of one channel, as a number that stays current. */
export interface ListenerCount {
  /** How many are subscribed now. */
  readonly count: number;
}

/** Returns a live count of the listeners of `channel`. */
export function listenersOf<C extends object, Own extends keyof C>(
  bus: Bus<C, Own>,
  channel: keyof C & string,
): ListenerCount {
  const found = coreOf(bus).channel(channel);
  return {
    get count() {
      return found.size;
    },
  };
}

/** Returns the names of the components that a component depends on; none where the bus has no such component. */
export function dependenciesOf(bus: ProcessBus, component: string): readonly string[] {
  const members = engineOf(bus).members.list();
  const { dependsOn = [], owner } = members.find(({ name }) => name === component) ?? {};
  if (dependsOn !== "all") return dependsOn.map((name) => fullName(name, owner));
  const isBefore = (other: Member) =>
    other.dependsOn !== "all" && (owner ? other.owner === owner : !isApart(other));
  return members.filter(isBefore).map(({ name }) => name);
}
