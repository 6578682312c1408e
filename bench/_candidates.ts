/**
 * What is measured in each runtime: the bus, the bare primitive, and the peers; and how the results stand to
 * each other.
 * @module
 */
import { CannotMeasure, readNumbers, type What } from "./_programs.ts";
import { digits, ratio, type Table } from "./_report.ts";
import { interleave, type Spread, spread } from "./_rounds.ts";
import type { Runtime } from "./_runtimes.ts";

/** One program in one runtime. */
export interface Candidate extends What {
  /** Begins with "sitebus" or "bare", or is the name of a peer. */
  readonly name: string;
}

/** Every program in every runtime; what follows a program's name, after spaces, are its arguments. */
export function everywhere(
  runtimes: readonly Runtime[],
  programs: Readonly<Record<string, string>>,
): readonly Candidate[] {
  return runtimes.flatMap((runtime) =>
    Object.entries(programs).map(([name, line]) => {
      const [program = "", ...args] = line.split(" ");
      return { runtime, name, program, args };
    })
  );
}

/** A candidate and what was measured of it. */
export interface Result extends Candidate, Spread {}

/** Puts the values beside their candidates. */
export function results(candidates: readonly Candidate[], values: readonly (readonly number[])[]): Result[] {
  return candidates.map((candidate, index) => ({ ...candidate, ...spread(values[index] ?? []) }));
}

const crashed = new Set<Candidate>();

/** Measures a candidate; undefined where it crashes, which is then said, and not tried again. */
export async function orCrash<M>(candidate: Candidate, measure: () => Promise<M>): Promise<M | undefined> {
  if (crashed.has(candidate)) return undefined;
  try {
    return await measure();
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    if (!crashed.has(candidate)) console.error(error.message);
    crashed.add(candidate);
    return undefined;
  }
}

/** What candidates measured of themselves, once a round; undefined where one crashes. */
export type Numbers = readonly (readonly (Readonly<Record<string, number>> | undefined)[])[];

/** Runs programs that measure themselves, each in a process of its own, once a round. */
export async function numbersOf(candidates: readonly Candidate[], rounds: number): Promise<Numbers> {
  return await interleave(candidates, {
    rounds,
    measure: (candidate) => orCrash(candidate, () => readNumbers(candidate)),
  });
}

/** One of the numbers, of all candidates. */
export function resultsOf(candidates: readonly Candidate[], numbers: Numbers, key: string): Result[] {
  return results(candidates, numbers.map((of) => of.map((record) => record?.[key] ?? NaN)));
}

/** The best that was measured of a candidate; NaN where there is none. */
export function bestOf(all: readonly Result[], of: Pick<Candidate, "runtime" | "name">): number {
  return all.find(({ runtime, name }) => runtime === of.runtime && name === of.name)?.best ?? NaN;
}

/** What a table of results says beside them. */
export interface ByRuntime {
  readonly unit: string;
  readonly caption?: string;
  /** Whether the best is set against the others. Default true. */
  readonly ratios?: boolean;
}

/** A row for each candidate, and for each runtime the best and the worst value, and what the best is to others. */
export function byRuntime(all: readonly Result[], options: ByRuntime): Table {
  const { unit, ratios: hasRatios = true, ...caption } = options;
  const names = [...new Set(all.map(({ name }) => name))];
  const runtimes = [...new Set(all.map(({ runtime }) => runtime))];
  const ratios = [
    ...(hasRatios && names.some(isBareName) ? ["to bare"] : []),
    ...(hasRatios && all.some(isPeer) ? ["to best peer"] : []),
  ];
  return {
    ...caption,
    columns: ["", ...runtimes.flatMap((runtime) => [`${runtime.name}, ${unit}`, ...ratios])],
    rows: names.map((name) => [
      name,
      ...runtimes.flatMap((runtime) => {
        const inRuntime = all.filter((other) => other.runtime === runtime);
        const result = inRuntime.find((other) => other.name === name);
        if (result === undefined) return ["", ...ratios.map(() => "")];
        return [spreadCell(result), ...ratios.map((kind) => ratioCell(result, { kind, others: inRuntime }))];
      }),
    ]),
  };
}

function ratioCell({ best }: Result, { kind, others }: { kind: string; others: readonly Result[] }): string {
  if (kind === "to bare") return ratio(best, others.find(({ name }) => isBareName(name))?.best);
  return ratio(best, Math.min(...others.filter(isPeer).map((peer) => peer.best).filter(Number.isFinite)));
}

/** The best and the worst; Infinity is what was still alive at the end, and NaN what crashed. */
function spreadCell({ best, worst }: Spread): string {
  if (Number.isNaN(best)) return "crashes";
  if (best === Infinity) return "alive";
  return `${digits(best)} – ${worst === Infinity ? "alive" : digits(worst)}`;
}

function isPeer({ name }: { readonly name: string }): boolean {
  return !isBareName(name) && !name.startsWith("sitebus");
}

function isBareName(name: string): boolean {
  return name.startsWith("bare");
}
