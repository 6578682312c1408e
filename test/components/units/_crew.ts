/**
 * A crew of fake units on a virtual clock.
 * @module
 */
import { Crew } from "../../../components/units/crew.ts";
import type { CrewOptions, CrewRecord } from "../../../components/units/crew_host.ts";
import type { Member } from "../../../components/units/member.ts";
import { checkPool, type PoolOptions } from "../../../components/units/pool_options.ts";
import { Recycling } from "../../../components/units/recycling.ts";
import type { Unit, UnitChannels, UnitEnd } from "../../../components/units/unit.ts";
import { UnitTable } from "../../../components/units/unit_table.ts";
import { Bus } from "../../../mod.ts";
import { virtualClock } from "../../../platforms/testing/virtual_clock.ts";
import { FakeCarrier } from "./_fake_carrier.ts";

/** A crew, and all that can be seen of it. */
export interface Played {
  readonly crew: Crew;
  readonly carrier: FakeCarrier;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly table: UnitTable;
  readonly logs: (CrewRecord & { readonly message: string })[];
  /** What the channels told, such as "start web/1". */
  readonly told: string[];
  readonly starts: Unit[];
  readonly stops: [Unit, UnitEnd][];
  /** Starts so many units, and lets time pass until they are ready. */
  start(count: number): Promise<void>;
  /** The names of the fake units that live. */
  names(): string[];
}

/** Makes a crew. */
export function play(options: Partial<PoolOptions> & Partial<Pick<CrewOptions, "atOnce">> = {}): Played {
  const { atOnce = 100, ...pool } = options;
  const settings = checkPool({ name: "web", entry: "worker.ts", kind: "process", jitter: 0, ...pool });
  const clock = virtualClock(0);
  const carrier = new FakeCarrier(clock);
  const bus = new Bus<UnitChannels>({ clock });
  const table = new UnitTable(bus);
  const logs: Played["logs"] = [];
  const told: string[] = [];
  const starts: Unit[] = [];
  const stops: [Unit, UnitEnd][] = [];
  bus.subscribe("unit:start", (unit) => {
    starts.push(unit);
    told.push(`start ${unit.name}`);
  });
  bus.subscribe("unit:stop", (unit, end) => {
    stops.push([unit, end]);
    told.push(`stop ${unit.name} ${end.why}`);
  });
  const heard = (member: Member, message: Parameters<Recycling["heard"]>[1]) =>
    recycling.heard(member, message);
  const crew = new Crew({
    clock,
    log: (message, details) => void logs.push({ message, ...details }),
    nextId: () => table.nextId(),
    settle: () => undefined,
    welcome: (slot) => ({ path: `web/${slot}`, details: undefined, generation: 0 }),
    joined(member) {
      table.add(member.unit);
      recycling.watch(member);
    },
    heard,
  }, {
    ...settings,
    carrier,
    plan: () => ({ entry: settings.entry, args: [], env: {} }),
    endWithin: settings.drainWithin + settings.stopWithin,
    failsUpward: settings.onDegraded === "exit",
    atOnce,
  });
  const recycling = new Recycling(crew, clock, settings);
  return {
    crew,
    carrier,
    clock,
    table,
    logs,
    told,
    starts,
    stops,
    async start(count) {
      const started = crew.start(count, { signal: new AbortController().signal, left: () => 30_000 });
      started.catch(() => {});
      await clock.advance(10);
      await started;
      recycling.begin();
    },
    names: () => carrier.living.map(({ plan }) => plan.name),
  };
}
