/**
 * The generations of the fleet, on one node: it reloads to the newest, and passes over those that came meanwhile.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Clock } from "../../src/platform.ts";
import type { FleetApplied, GenerationEntry } from "./entries.ts";

/** The part of a node that its generations need. */
export interface GenerationsHost {
  readonly clock: Clock;
  /** Why the node does not reload; undefined where it does. */
  readonly refusal: string | undefined;
  /** Reloads the bus; rejects where that was vetoed. */
  reload(details: unknown): Promise<unknown>;
  /** Called when a state has changed that others should know. */
  changed(): void;
}

/** The generations of one node. */
export class Generations {
  readonly #host: GenerationsHost;
  /** The newest that was heard of. */
  #newest: GenerationEntry | undefined;
  /** The last that the node has tried to reload to. */
  #tried: string | undefined;
  #isBusy = false;
  #isRunning = false;
  /** The generation that the node runs with, and its details. */
  current: { readonly generation: number; readonly details: unknown } = { generation: 0, details: undefined };
  /** The outcome of the newest generation that was tried. */
  applied: FleetApplied | undefined;

  constructor(host: GenerationsHost) {
    this.#host = host;
  }

  /** The newest that was heard of, whether it holds here or not. */
  get newest(): number {
    return this.#newest?.generation ?? 0;
  }

  /** Whether the newest that was heard of was tried. */
  get isSettled(): boolean {
    return !this.#isBusy && (this.#newest === undefined || this.#newest.id === this.#tried);
  }

  /** The fleet has a generation. */
  offer(entry: GenerationEntry): void {
    this.#newest = entry;
    void this.#goOn();
  }

  /** The bus runs, or does no more. Without it running, nothing is tried. */
  set isRunning(isRunning: boolean) {
    this.#isRunning = isRunning;
    void this.#goOn();
  }

  async #goOn(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#isRunning && this.#newest !== undefined && this.#newest.id !== this.#tried) {
      await this.#apply(this.#newest);
      this.#host.changed();
    }
    this.#isBusy = false;
  }

  async #apply({ generation, id, details }: GenerationEntry): Promise<void> {
    const { clock, refusal } = this.#host;
    const began = clock.now();
    this.#tried = id;
    let error = refusal;
    if (error === undefined) {
      try {
        await this.#host.reload(details);
        this.current = { generation, details };
      } catch (thrown) {
        error = textOf(thrown);
        // The bus went on to somewhere else: that is no veto, and is tried again when it runs again.
        if (!this.#isRunning || thrown instanceof Error && thrown.name === "TransitionError") {
          this.#isRunning = false;
          this.#tried = undefined;
        }
      }
    }
    const ms = Math.round(clock.now() - began);
    this.applied = { generation, ok: error === undefined, ms, ...(error !== undefined && { error }) };
  }
}
