/**
 * What is measured in each runtime: the bus, the bare primitive, and the peers; and how the results stand to
 * each other.
 * @module
 */
import { digits, ratio } from "./_report.ts";
import { type Spread, spread } from "./_rounds.ts";
import type { Runtime } from "./_runtimes.ts";

/** One program in one runtime. */
export interface Candidate {
  readonly runtime: Runtime;
  /** "sitebus", "bare", or the name of a peer. */
  readonly name: string;
  /** The program of `bench/programs/`. */
  readonly program: string;
}

/** Every program in every runtime. */
export function everywhere(
  runtimes: readonly Runtime[],
  programs: Readonly<Record<string, string>>,
): readonly Candidate[] {
  return runtimes.flatMap((runtime) =>
    Object.entries(programs).map(([name, program]) => ({ runtime, name, program }))
  );
}

/** A candidate and what was measured of it. */
export interface Result extends Candidate, Spread {}

/** Puts the values beside their candidates. */
export function results(candidates: readonly Candidate[], values: readonly (readonly number[])[]): Result[] {
  return candidates.map((candidate, index) => ({ ...candidate, ...spread(values[index] ?? []) }));
}

/** What `ratioCells` fills. */
export const ratioColumns: readonly string[] = [
  "runtime",
  "program",
  "best",
  "median",
  "worst",
  "to bare",
  "to best peer",
];

/** A row that begins with the names and the spread, and sets the best against the best of the others in its runtime. */
export function ratioCells(result: Result, all: readonly Result[]): string[] {
  const { runtime, name, best, median, worst } = result;
  const others = all.filter((other) => other.runtime === runtime);
  const bare = others.find((other) => other.name === "bare")?.best;
  const peers = others.filter((other) => other.name !== "bare" && other.name !== "sitebus");
  const bestPeer = peers.length === 0 ? undefined : Math.min(...peers.map((peer) => peer.best));
  return [
    runtime.name,
    name,
    ...[best, median, worst].map(digits),
    ratio(best, bare),
    ratio(best, bestPeer),
  ];
}
