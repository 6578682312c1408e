/**
 * Errands: what is done while the bus rests, one after another, such as a late start, a removal, a reload.
 * @module
 */
import { TransitionError } from "./errors.ts";
import type { State } from "./states.ts";

/** An action that waits for a state in which the bus rests. */
export interface Errand {
  /** The states that it can be done in. */
  readonly states: readonly State[];
  /** Does it; never rejects. `errand`: itself, to be compared with `current` after each wait. */
  run(errand: Errand): Promise<void>;
  /** Called with the error if the errand cannot be done any more. */
  miss(error: unknown): void;
}

/** The part of a bus that errands need. */
export interface ErrandsHost {
  readonly state: State;
  /** Sees to it that errands are looked for. */
  drive(): void;
}

/** The errands of one bus. */
export class Errands {
  /** The one that is being done; undefined also where its driver has died. */
  current: Errand | undefined = undefined;
  readonly #host: ErrandsHost;
  readonly #waiting: Errand[] = [];

  constructor(host: ErrandsHost) {
    this.#host = host;
  }

  /** Has something done as soon as the bus rests. */
  send(states: readonly State[], run: Errand["run"], miss: Errand["miss"]): void {
    this.#waiting.push({ states, run, miss });
    this.#host.drive();
  }

  /** Does the next one; returns undefined where there is none, so that nothing is awaited then. */
  next(): Promise<void> | undefined {
    for (let errand; (errand = this.#waiting.shift());) {
      const { states, run, miss } = errand;
      if (states.includes(this.#host.state)) {
        const own = this.current = errand;
        return run(own).catch(miss).then(() => {
          if (this.current === own) this.current = undefined;
        });
      }
      const { state } = this.#host;
      miss(new TransitionError("unreachable", state, states.join(), `the bus rests in "${state}"`));
    }
    return undefined;
  }

  /** The driver of the present errand is gone. */
  abandon(error: Error): void {
    this.current?.miss(error);
    this.current = undefined;
  }
}
