/**
 * The result of the trials of an application: the median of each step of the start and the stop, the critical path, and what
 * would be gained if a component did not wait for another.
 * @module
 */
import type { Trial, TrialComponent, TrialRecord } from "./trial.ts";

/** A step of a start or a stop; times in milliseconds. */
export interface Step {
  readonly name: string;
  /** From the beginning of the start or the stop. */
  readonly from: number;
  /** How long it took. */
  readonly ms: number;
  /** Whether a shorter step would make the whole shorter. */
  readonly critical: boolean;
  /** The steps that have to end before it begins. */
  readonly after: readonly string[];
}

/** The gain if one component did not wait for another. */
export interface Gain {
  readonly component: string;
  readonly waitsFor: string;
  /** Milliseconds. */
  readonly ms: number;
}

/** One half of an analysis. */
export interface PhaseAnalysis {
  /** From the beginning to the end of all steps, in milliseconds. */
  readonly ms: number;
  readonly steps: readonly Step[];
  /** The longest chain of components that wait for each other, in the order of their turn. */
  readonly critical: readonly string[];
  /** The gains by parallel steps, the largest first. */
  readonly gains: readonly Gain[];
}

/** The analysis of an application; times in milliseconds, each the median of the trials. */
export interface Analysis {
  readonly runs: number;
  /** Until the runtime and the command were loaded: not the application's. */
  readonly bootMs: number;
  /** The import of the module. */
  readonly loadMs: number;
  /** Its `setup`. */
  readonly setupMs: number;
  readonly start: PhaseAnalysis;
  /** From the beginning of `drain` to the beginning of `stop`: requests in flight and the listeners of `drain`. */
  readonly drainMs: number;
  readonly stop: PhaseAnalysis;
}

/** A gain below this is no gain, in milliseconds. */
const LEAST_GAIN_MS = 1;

/** The middle one; of an even number, the mean of the two in the middle. 0 for none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length === 0 ? 0 : (sorted[Math.floor(middle - 0.5)]! + sorted[Math.floor(middle)]!) / 2;
}

/** Analyzes trials that have all come to their end. */
export function analyze(trials: readonly Trial[]): Analysis {
  const components = trials.at(-1)?.components ?? [];
  const of = (read: (trial: Trial) => number) => median(trials.map(read));
  const before = dependencies(components);
  return {
    runs: trials.length,
    bootMs: of(({ bootMs }) => bootMs),
    loadMs: of(({ loadMs }) => loadMs),
    setupMs: of(({ setupMs }) => setupMs),
    start: phase(durations(trials, "up"), before),
    drainMs: of(({ records }) => stateTime(records, "stop") - stateTime(records, "drain")),
    stop: phase(durations(trials, "down"), reversed(before)),
  };
}

/** An edge of the graph; `given` where the application names it, and does not say "all". */
interface Before {
  readonly name: string;
  readonly given: boolean;
}

type Graph = ReadonlyMap<string, readonly Before[]>;

function dependencies(components: readonly TrialComponent[]): Graph {
  const others = components.filter(({ dependsOn }) => dependsOn !== "all");
  return new Map(components.map(({ name, dependsOn }) => [
    name,
    dependsOn === "all"
      ? others.map((other) => ({ name: other.name, given: false }))
      : dependsOn.map((other) => ({ name: other, given: true })),
  ]));
}

/** The graph of the stop: a component stops after those that depend on it. */
function reversed(graph: Graph): Graph {
  const turned = new Map<string, Before[]>([...graph.keys()].map((name) => [name, []]));
  for (const [name, before] of graph) {
    for (const { name: other, given } of before) turned.get(other)?.push({ name, given });
  }
  return turned;
}

/** The median time of each component to come to a status, for those that did so in every trial. */
function durations(trials: readonly Trial[], status: string): Map<string, number> {
  const found = new Map<string, number[]>();
  for (const { records } of trials) {
    for (const { event, component, status: is, ms } of records) {
      if (event !== "component" || is !== status || typeof ms !== "number") continue;
      const name = String(component);
      found.set(name, [...found.get(name) ?? [], ms]);
    }
  }
  return new Map([...found].map(([name, all]) => [name, median(all)]));
}

/** When the bus has entered a state, in milliseconds; 0 where it has not. */
function stateTime(records: readonly TrialRecord[], state: string): number {
  const { time } = records.find(({ event, state: is }) => event === "state" && is === state) ?? {};
  return time ?? 0;
}

/** Lays out what each step takes along the graph, as the bus does: each begins as soon as those before it have ended. */
function phase(times: ReadonlyMap<string, number>, graph: Graph): PhaseAnalysis {
  const plan = layOut(times, graph);
  const critical = criticalPath(plan);
  const steps = [...plan].map(([name, { from, ms }]): Step => ({
    ...{ name, from, ms, critical: critical.includes(name) },
    after: (graph.get(name) ?? []).map(({ name }) => name).filter((other) => times.has(other)),
  }));
  const ms = endOf(plan);
  const gains = critical.flatMap((component) =>
    (graph.get(component) ?? []).filter(({ name, given }) => given && critical.includes(name))
      .map(({ name: waitsFor }): Gain => {
        const without = (graph.get(component) ?? []).filter(({ name }) => name !== waitsFor);
        const shorter = layOut(times, new Map([...graph, [component, without]]));
        return { component, waitsFor, ms: ms - endOf(shorter) };
      })
  ).filter((gain) => gain.ms >= LEAST_GAIN_MS).sort((a, b) => b.ms - a.ms);
  return { ms, steps: steps.sort((a, b) => a.from - b.from), critical, gains };
}

interface Planned {
  readonly from: number;
  readonly ms: number;
  /** The component that it had to wait for the longest. */
  readonly after?: string;
}

type Plan = ReadonlyMap<string, Planned>;

function layOut(times: ReadonlyMap<string, number>, graph: Graph): Plan {
  const plan = new Map<string, Planned>();
  const place = (name: string): Planned => {
    const known = plan.get(name);
    if (known) return known;
    let from = 0;
    let after: string | undefined;
    for (const { name: other } of graph.get(name) ?? []) {
      if (!times.has(other)) continue;
      const { from: its, ms } = place(other);
      if (after !== undefined && its + ms <= from) continue;
      from = its + ms;
      after = other;
    }
    const planned = { from, ms: times.get(name) ?? 0, ...after !== undefined && { after } };
    plan.set(name, planned);
    return planned;
  };
  for (const name of times.keys()) place(name);
  return plan;
}

function endOf(plan: Plan): number {
  return Math.max(0, ...[...plan.values()].map(({ from, ms }) => from + ms));
}

function criticalPath(plan: Plan): string[] {
  const end = endOf(plan);
  let name = [...plan].find(([, { from, ms }]) => from + ms === end)?.[0];
  const path: string[] = [];
  while (name !== undefined) {
    path.unshift(name);
    name = plan.get(name)?.after;
  }
  return path;
}
