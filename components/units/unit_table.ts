/**
 * The table of all units of a site: the only one there is.
 * @module
 */
import type { Bus } from "../../src/bus.ts";
import type { LoadedFile } from "./protocol.ts";
import type { Unit, UnitChannels } from "./unit.ts";

/** The units that live, and the channels that tell of them. */
export class UnitTable {
  readonly #bus: Bus<UnitChannels>;
  readonly #units = new Map<number, Unit>();
  #last = 0;

  constructor(bus: Bus<UnitChannels>) {
    this.#bus = bus;
  }

  /** A number that no unit had before. */
  nextId(): number {
    return ++this.#last;
  }

  /** All units that are not at their real end, in the order of their starts. */
  list(): readonly Unit[] {
    return [...this.#units.values()];
  }

  /**
   * Takes a unit in, from its start to its end. `unit:start` is told when it is ready, and `unit:stop` at its end, when the
   * listeners of the first have settled; a unit that was never ready has neither.
   */
  add(unit: Unit): void {
    this.#units.set(unit.id, unit);
    const told = unit.ready.then(() => this.#tell("unit:start", unit).then(() => true), () => false);
    void unit.ended.then(async (end) => {
      this.#units.delete(unit.id);
      if (await told) await this.#tell("unit:stop", unit, end);
    });
  }

  /** A unit has loaded files. */
  loaded(unit: Unit, files: readonly LoadedFile[]): void {
    try {
      this.#bus.publishSync("unit:loaded", unit, files);
    } catch {
      // Logged by the bus.
    }
  }

  /** Failures are logged by the bus. */
  async #tell<K extends keyof UnitChannels>(channel: K, ...args: UnitChannels[K]): Promise<void> {
    await this.#bus.publish(channel, ...args as never).catch(() => {});
  }
}
