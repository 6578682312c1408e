/**
 * Says every now and then which runners run, how many of their tests have ended, and for how long they have run.
 * @module
 */
import process from "node:process";

/** One runner that runs. */
export interface Running {
  /** Counts tests that have ended. */
  ended(count: number): void;
  /** Ends the runner, and returns the seconds that it took. */
  stop(): number;
}

/** How progress is told. */
export interface ProgressOptions {
  /** Milliseconds between two lines. Default 5000 on a terminal, 15,000 elsewhere. */
  readonly everyMs?: number;
  /** Prints a line. Default on the standard output. */
  readonly print?: (line: string) => void;
  /** Milliseconds since any time. Default the machine's. */
  readonly now?: () => number;
}

/** Tells of all runners that run side by side, in one line. */
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

  /** Begins to tell of a runner. */
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

  /** "...  bun 312 tests, 40 s; deno 1204 tests, 95 s". */
  line(): string {
    const parts = [...this.#running].map(([name, { tests, since }]) =>
      `${name} ${tests} tests, ${this.#seconds(since).toFixed(0)} s`
    );
    return `...  ${parts.join("; ")}`;
  }

  /** Ends the telling. */
  end(): void {
    clearInterval(this.#timer);
  }

  #seconds(since: number): number {
    return (this.#now() - since) / 1000;
  }
}
