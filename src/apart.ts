/**
 * The rounds of guests whose failure is their own: the host waits for none of them, and its drain ends them.
 * @module
 */
import type { Core } from "./core.ts";
import { Deadline } from "./deadline.ts";
import { Round, type Rules, type Turn } from "./round.ts";

/** The rounds of one bus that nobody waits for. */
export class Apart {
  readonly #core: Core;
  readonly #deadlines = new Set<Deadline>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Begins a round with a time of its own; `rules` gets its deadline. */
  begin(
    name: string,
    turns: readonly Turn[],
    ms: number,
    rules: (deadline: Deadline) => Rules,
    then?: () => void,
  ): void {
    const deadline = this.limit(name, ms);
    new Round(this.#core, name, turns, rules(deadline), deadline).run(() => {
      this.close(deadline);
      then?.();
    });
  }

  /** A deadline that ends with the host's run. */
  limit(name: string, ms: number): Deadline {
    const deadline = new Deadline(this.#core.clock, name, ms);
    this.#deadlines.add(deadline);
    return deadline;
  }

  /** What had the deadline is over. */
  close(deadline: Deadline): void {
    this.#deadlines.delete(deadline);
    deadline.close();
  }

  /** Ends all of them: their signals abort, and a call that has not settled is late. */
  end(reason: Error): void {
    for (const deadline of this.#deadlines) {
      deadline.abort(reason, "request");
      deadline.finish();
    }
  }
}
