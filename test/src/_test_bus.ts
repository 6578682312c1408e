/**
 * A process bus on the testing platform, and the few listeners that its tests need over and over.
 * @module
 */
import {
  type LogRecord,
  type Phase,
  ProcessBus,
  type ProcessBusOptions,
  type Signal,
  type SignalLike,
  type State,
} from "../../mod.ts";
import { testing, type TestingOptions, type TestingPlatform } from "../../platforms/testing.ts";

/** A bus, its platform, and what was written down. */
export interface TestBus {
  readonly bus: ProcessBus;
  readonly platform: TestingPlatform;
  /** What the test's listeners wrote down, in order. */
  readonly did: string[];
  /** Every record of the log. */
  readonly records: readonly LogRecord[];
  /** The states entered so far, in words: "enter idle start run". */
  path(): string;
  /** A listener that writes `word` down, then does `work` with its phase, which is its last argument. */
  note(word: string, work?: (phase: Phase) => unknown): (...args: readonly unknown[]) => Promise<void> | void;
  /** Settles a promise on the virtual clock. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** How often a message like this was logged. */
  logged(pattern: RegExp): number;
}

/** Makes a bus on a testing platform; `host` says how that platform departs from the usual, `alter` changes its methods. */
export function testBus(
  options: Omit<ProcessBusOptions, "platform"> & {
    host?: TestingOptions;
    alter?: (platform: { -readonly [F in keyof TestingPlatform]: TestingPlatform[F] }) => void;
  } = {},
): TestBus {
  const { host, alter, ...others } = options;
  const platform = testing(host);
  alter?.(platform);
  const bus = new ProcessBus({ platform, ...others });
  const did: string[] = [];
  const records: LogRecord[] = [];
  bus.subscribe("log", (record) => void records.push(record), { name: "test" });
  return {
    bus,
    platform,
    did,
    records,
    path: () => platform.pulses.filter(({ settled }) => !settled).map(({ state }) => state).join(" "),
    note: (word, work) => (...args) => {
      did.push(word);
      return work?.(args.at(-1) as Phase) as Promise<void> | void;
    },
    settle: (promise) => platform.settle(promise),
    logged: (pattern) => records.filter(({ message }) => pattern.test(message)).length,
  };
}

/** The states of a whole life. */
export const LIFE = "enter idle start run drain stop idle exit exited";

/** Never settles, and looks at no signal. */
export function hang(): Promise<never> {
  return new Promise(() => {});
}

/** Works for ever, until its signal aborts; then it rejects with the signal's reason. */
export function work(phase: Phase): Promise<void> {
  return phase.delay(2 ** 31 - 1);
}

/** Throws an error of this message. */
export function fail(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}

/** A promise that the test settles. */
export interface Gate<T> {
  readonly promise: Promise<T>;
  open(value: T): void;
  fail(error: unknown): void;
}

/** Makes a promise that the test settles. */
export function gate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** A signal that counts who listens to it. */
export function countedSignal(): { readonly signal: Signal; readonly listeners: ReadonlySet<() => void> } {
  const listeners = new Set<() => void>();
  const signal: SignalLike = {
    aborted: false,
    reason: undefined,
    throwIfAborted() {},
    addEventListener: (_, listener) => void listeners.add(listener),
    removeEventListener: (_, listener) => void listeners.delete(listener),
  };
  return { signal: signal as Signal, listeners };
}

/** What AsyncLocalStorage is to a platform, for as far as a listener runs before its first `await`. */
export function context(): NonNullable<TestingOptions["context"]> {
  let current: object | undefined;
  return {
    run(phase, body) {
      const before = current;
      current = phase;
      try {
        return body();
      } finally {
        current = before;
      }
    },
    get: () => current,
  };
}

/** Looks at what a promise came to: "pending", or its value or error. */
export async function outcome(platform: TestingPlatform, promise: Promise<unknown>): Promise<unknown> {
  let found: unknown = "pending";
  promise.then((value) => found = value, (error) => found = error);
  await platform.flush();
  return found;
}

/** How long the bus stayed in a state. */
export function stay({ platform }: TestBus, state: State): number {
  const [entered, settled] = platform.pulses.filter((pulse) => pulse.state === state);
  return settled!.at - entered!.at;
}

/** Lives a whole life, whatever fails. */
export async function live({ bus, settle }: TestBus): Promise<void> {
  await settle(bus.start()).catch(() => {});
  await settle(bus.exit()).catch(() => {});
}
