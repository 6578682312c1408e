/**
 * Prints regularly which runners run, how many of their tests have ended, and for how long they have run.
 * @module
 */
import process from "node:process";

/** A running runner. */
export interface Running {
  /** Counts tests that have ended. */
  ended(count: number): void;
  /** To be called when the runner has ended; returns its time in seconds. */
  stop(): number;
}

/** How progress is printed. */
export interface ProgressOptions {
  /** Milliseconds between two lines. Default 5000 on a terminal, 15,000 elsewhere. */
  readonly everyMs?: number;
  /** Prints a line. Default on the standard output. */
  readonly print?: (line: string) => void;
  /** Returns the time in milliseconds. Default that of the machine. */
  readonly now?: () => number;
}

/** Prints the progress of all running runners in one line. */
export class Progress {
  readonly #running = new Map<string, { tests: number; readonly since: number }>();
  readonly #now: () => number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: ProgressOptions = {}) {
    const { everyMs = process.stdout.isTTY ? 5000 : 15_000, print = console.log } = options;
    this.#now = options.now ?? (() => performance.now());
    this.#timer = setInterval(() => {
      if (this.#running.size > 0) print(this.line());
    }, everyMs);
    this.#timer.unref();
  }

  /** Adds a runner to the line. */
  start(name: string): Running {
    const one = { tests: 0, since: this.#now() };
    this.#running.set(name, one);
    return {
      ended: (count) => void (one.tests += count),
      stop: () => {
        this.#running.delete(name);
        return this.#seconds(one.since);
      },
    };
  }

  /** Returns the line: "...  bun 312 tests, 40 s; deno 1204 tests, 95 s". */
  line(): string {
    const parts = [...this.#running].map(([name, { tests, since }]) =>
      `${name} ${tests} tests, ${this.#seconds(since).toFixed(0)} s`
    );
    return `...  ${parts.join("; ")}`;
  }

  /** Stops printing. */
  end(): void {
    clearInterval(this.#timer);
  }

  #seconds(since: number): number {
    return (this.#now() - since) / 1000;
  }
}
