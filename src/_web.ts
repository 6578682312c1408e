/**
 * The web-standard globals that the core needs, reached in this one file, so that `src/` type-checks
 * without any runtime's library.
 * @module
 */

/** What the core itself uses of an AbortSignal. */
export interface SignalLike {
  /** Whether it has aborted. */
  readonly aborted: boolean;
  /** What it aborted with. */
  readonly reason: unknown;
  /** Throws the reason where it has aborted. */
  throwIfAborted(): void;
  /** Calls `listener` when it aborts. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Takes `listener` off again. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** The consumer's own AbortSignal where there is one, so that `fetch(url, { signal })` type-checks. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : SignalLike;

/** What the core uses of an AbortController. */
export interface Controller {
  readonly signal: Signal;
  abort(reason: unknown): void;
}

interface Web {
  readonly AbortController: new () => Controller;
  readonly performance: { now(): number };
  readonly console: { error(...data: unknown[]): void };
  setTimeout(fire: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The globals of the web platform, looked up when used: importing this module touches nothing. */
export const web: Web = globalThis as unknown as Web;
