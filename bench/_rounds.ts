/**
 * Rounds of measurements, interleaved: each round measures every candidate once, so that what happens on the
 * machine meanwhile happens to all of them; and each begins with another one.
 * @module
 */

/** What was measured of one candidate. The best is what the code needs; the rest is what the machine added. */
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

/** The best and the worst of what was measured, where less is better; NaN where a round has failed. */
export function spread(values: readonly number[]): Spread {
  // Both functions pass NaN on, but say Infinity of nothing.
  if (values.length === 0) return { best: NaN, worst: NaN };
  return { best: Math.min(...values), worst: Math.max(...values) };
}
