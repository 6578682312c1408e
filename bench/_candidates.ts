/**
 * The programs that are measured in each runtime (the bus, the bare primitive, and the peers), and the tables that compare
 * their results.
 * @module
 */
import { CannotMeasure, readNumbers, type What } from "./_programs.ts";
import { digits, ratio, type Table } from "./_report.ts";
import { interleave, type Spread, spread } from "./_rounds.ts";
import type { Runtime } from "./_runtimes.ts";

/** One program in one runtime. */
export interface Candidate extends What {
  /** The name of a peer, or a name that begins with "sitebus" or "bare". */
  readonly name: string;
}

/** Returns every program in every runtime. Words after the name of a program are its arguments. */
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

/** A candidate and its values. */
export interface Result extends Candidate, Spread {}

/** Adds the values to their candidates. */
export function results(
  candidates: readonly Candidate[],
  values: readonly (readonly number[])[],
): Result[] {
  return candidates.map((candidate, index) => ({
    ...candidate,
    ...spread(values[index] ?? []),
  }));
}

const crashed = new Set<Candidate>();

/** Measures a candidate. If it crashes, the error is printed, the result is undefined, and it is not measured again. */
export async function orCrash<M>(
  candidate: Candidate,
  measure: () => Promise<M>,
): Promise<M | undefined> {
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

/** The numbers that candidates measured themselves, once a round; undefined after a crash. */
export type Numbers = readonly (readonly (Readonly<Record<string, number>> | undefined)[])[];

/** Runs programs that measure themselves, each in a process of its own, once in each round. */
export async function numbersOf(
  candidates: readonly Candidate[],
  rounds: number,
): Promise<Numbers> {
  return await interleave(candidates, {
    rounds,
    measure: (candidate) => orCrash(candidate, () => readNumbers(candidate)),
  });
}

/** Returns one of the numbers, for all candidates. */
export function resultsOf(
  candidates: readonly Candidate[],
  numbers: Numbers,
  key: string,
): Result[] {
  return results(
    candidates,
    numbers.map((of) => of.map((record) => record?.[key] ?? NaN)),
  );
}

/** Returns the best value of a candidate; NaN if there is none. */
export function bestOf(
  all: readonly Result[],
  of: Pick<Candidate, "runtime" | "name">,
): number {
  return all.find(({ runtime, name }) => runtime === of.runtime && name === of.name)?.best ?? NaN;
}

/** How a table of results is made. */
export interface ByRuntime {
  readonly unit: string;
  readonly caption?: string;
  /** Whether the table compares the best values of the candidates. Default true. */
  readonly ratios?: boolean;
}

/** Returns a table with a row for each candidate: for each runtime the best and the worst value, and the ratio of the best one to others. */
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
    columns: [
      "",
      ...runtimes.flatMap((runtime) => [`${runtime.name}, ${unit}`, ...ratios]),
    ],
    rows: names.map((name) => [
      name,
      ...runtimes.flatMap((runtime) => {
        const inRuntime = all.filter((other) => other.runtime === runtime);
        const result = inRuntime.find((other) => other.name === name);
        if (result === undefined) return ["", ...ratios.map(() => "")];
        return [
          spreadCell(result),
          ...ratios.map((kind) => ratioCell(result, { kind, others: inRuntime })),
        ];
      }),
    ]),
  };
}

function ratioCell(
  { best }: Result,
  { kind, others }: { kind: string; others: readonly Result[] },
): string {
  if (kind === "to bare") {
    return ratio(
      best,
      others.find(({ name }) => isBareName(name))?.best,
    );
  }
  return ratio(
    best,
    Math.min(
      ...others.filter(isPeer).map((peer) => peer.best).filter(Number.isFinite),
    ),
  );
}

/** Returns the best and the worst value as text. Infinity means "still alive at the end", and NaN means "crashed". */
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
