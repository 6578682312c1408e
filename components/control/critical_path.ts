/**
 * The critical path of a start or a stop: the components that decided how long it took.
 * @module
 */

/** One component's start or stop. */
export interface PathSpan {
  /** The component. */
  readonly name: string;
  /** Whether it started, drained or stopped. */
  readonly state: "start" | "drain" | "stop";
  /** Milliseconds from the beginning of the whole to its own beginning. */
  readonly from: number;
  /** Milliseconds that it took. */
  readonly ms?: number;
  /** The components that it starts after and stops before. */
  readonly dependsOn: readonly string[];
}

/** Times that differ by less are the same, in milliseconds: some are measured, and some are when a record came. */
const SAME_MS = 1;

/**
 * Finds the spans that decided the time of the whole, in the order of time. From the one that ended last, it follows back what
 * that one had waited for: in a start the last of its dependencies to come up, in a stop the last of its dependants to go
 * down. All components drain side by side, so the slowest of them decides.
 *
 * @param end How long a span that has not ended has taken so far, counted from the beginning of the whole.
 */
export function criticalPath<S extends PathSpan>(spans: readonly S[], end: number = Infinity): S[] {
  const endOf = ({ from, ms }: PathSpan) => ms === undefined ? end : from + ms;
  // Of two that end at about the same time, the one that began later has waited for the other.
  const isLater = (a: S, b: S) =>
    Math.abs(endOf(a) - endOf(b)) < SAME_MS ? a.from > b.from : endOf(a) > endOf(b);
  const last = (some: readonly S[]): S | undefined =>
    some.reduce<S | undefined>((a, b) => a === undefined || isLater(b, a) ? b : a, undefined);
  const chain = (state: "start" | "stop", before: (span: S, other: S) => boolean): S[] => {
    const some = spans.filter((span) => span.state === state);
    const path: S[] = [];
    for (let span = last(some); span && !path.includes(span);) {
      path.unshift(span);
      const present = span;
      span = last(some.filter((other) => other !== present && before(present, other)));
    }
    return path;
  };
  const drain = last(spans.filter(({ state }) => state === "drain"));
  return [
    ...chain("start", ({ dependsOn }, other) => dependsOn.includes(other.name)),
    ...drain ? [drain] : [],
    ...chain("stop", ({ name }, other) => other.dependsOn.includes(name)),
  ];
}
