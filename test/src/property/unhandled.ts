/**
 * Unhandled rejections, on whatever runtime this is.
 * @module
 */

interface Host {
  readonly process?: {
    on?(name: "unhandledRejection", listener: (error: unknown) => void): void;
    off?(name: "unhandledRejection", listener: (error: unknown) => void): void;
  };
  setImmediate?(body: () => void): unknown;
  setTimeout(body: () => void, ms: number): unknown;
  addEventListener?(name: "unhandledrejection", listener: (event: Rejected) => void): void;
  removeEventListener?(name: "unhandledrejection", listener: (event: Rejected) => void): void;
}

interface Rejected {
  readonly reason: unknown;
  preventDefault(): void;
}

/** What was rejected and never handled since. */
export interface Unhandled {
  readonly seen: readonly unknown[];
  /** Lets the runtime look for them: it does when all microtasks are done. */
  turn(): Promise<void>;
  stop(): void;
}

/** Watches for unhandled rejections until it is stopped. */
export function watchUnhandled(): Unhandled {
  const host = globalThis as unknown as Host;
  const seen: unknown[] = [];
  const onProcess = (error: unknown): void => {
    seen.push(error);
  };
  const onEvent = (event: Rejected): void => {
    event.preventDefault();
    seen.push(event.reason);
  };
  const byProcess = typeof host.process?.on === "function";
  if (byProcess) host.process?.on?.("unhandledRejection", onProcess);
  else host.addEventListener?.("unhandledrejection", onEvent);
  return {
    seen,
    turn: () =>
      new Promise((resolve) => {
        if (host.setImmediate) host.setImmediate(resolve);
        else host.setTimeout(resolve, 0);
      }),
    stop: () => {
      if (byProcess) host.process?.off?.("unhandledRejection", onProcess);
      else host.removeEventListener?.("unhandledrejection", onEvent);
    },
  };
}
