/**
 * Measures candidates in rounds. Each round measures every candidate once, so that other work on the machine affects all of
 * them, and each round begins with a different candidate.
 * @module
 */

/** The values of one candidate. The best one is the time that the code needs; the machine added the rest to the others. */
export interface Spread {
  readonly best: number;
  readonly worst: number;
}

/** Measures every candidate `rounds` times; the results are in the order of the candidates. */
export async function interleave<C, M>(
  candidates: readonly C[],
  options: {
    readonly rounds: number;
    readonly measure: (candidate: C) => Promise<M>;
  },
): Promise<M[][]> {
  const results = candidates.map((): M[] => []);
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < candidates.length; turn++) {
      const index = (round + turn) % candidates.length;
      results[index]?.push(await options.measure(candidates[index] as C));
    }
  }
  return results;
}

/** Returns the best and the worst value, where less is better; NaN if a round has failed. */
export function spread(values: readonly number[]): Spread {
  // Both functions return NaN if a value is NaN, but Infinity if there are no values.
  if (values.length === 0) return { best: NaN, worst: NaN };
  return { best: Math.min(...values), worst: Math.max(...values) };
}
