/**
 * The clock of a process that may be frozen.
 * @module
 */
import type { Clock } from "../../../mod.ts";

/** A clock over another one, whose time jumps where the process is frozen. */
export class FreezableClock implements Clock {
  readonly #clock: Clock;
  #frozenMs = 0;
  /** What arms each timer anew. */
  readonly #armed = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  time(): number {
    return this.#clock.time() + this.#frozenMs;
  }

  now(): number {
    return this.#clock.now() + this.#frozenMs;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const due = this.now() + ms;
    let undo = (): void => {};
    const arm = (): void => {
      undo();
      undo = this.#clock.setTimer(Math.max(0, due - this.now()), () => {
        this.#armed.delete(arm);
        fire();
      });
    };
    this.#armed.add(arm);
    arm();
    return () => {
      this.#armed.delete(arm);
      undo();
    };
  }

  /** The process is frozen for so many milliseconds: what was due meanwhile fires at once, and late. */
  freeze(ms: number): void {
    this.#frozenMs += ms;
    for (const arm of [...this.#armed]) arm();
  }
}
