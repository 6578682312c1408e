/**
 * Rounds of measurements, interleaved: each round measures every candidate once, so that what happens on the
 * machine meanwhile happens to all of them; and each begins with another one.
 * @module
 */

/** What was measured of one candidate. The best is what the code needs; the rest is what the machine added. */
export interface Spread {
  readonly best: number;
  readonly median: number;
  readonly worst: number;
}

/** Measures every candidate `rounds` times; the results are in the order of the candidates. */
export async function interleave<C, M>(
  candidates: readonly C[],
  options: { readonly rounds: number; readonly measure: (candidate: C) => Promise<M> },
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

/** The best, the median and the worst of what was measured, where less is better. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? NaN;
  return { best: at(0), median: at(0.5), worst: at(1) };
}
