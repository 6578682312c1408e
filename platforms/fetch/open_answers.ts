/**
 * The answers that the servers of a process are sending. A host that says nothing of them may end the process under them.
 * @module
 */
import { webClock } from "../../src/web_clock.ts";
import { builtinModule, type ProcessLike } from "../process/process_like.ts";

/** Watches the answers of a process. */
export interface OpenAnswers {
  /** Resolves when all were sent, or after `ms` milliseconds. */
  settle(ms: number): Promise<void>;
  /** Watches no more. */
  forget(): void;
}

/** What Node tells of a request. */
interface RequestStart {
  readonly response: { once(name: "close", listener: () => void): unknown };
}

/**
 * Watches the answers to all requests that come from now on, by what Node tells of its servers.
 * @see https://nodejs.org/api/diagnostics_channel.html#http
 */
export function openAnswers(process: ProcessLike): OpenAnswers {
  const { subscribe, unsubscribe } = builtinModule(process, "node:diagnostics_channel");
  const open = new Set<unknown>();
  let emptied: (() => void) | undefined;
  const begun = (told: unknown) => {
    const { response } = told as RequestStart;
    open.add(response);
    response.once("close", () => {
      open.delete(response);
      if (open.size === 0) emptied?.();
    });
  };
  subscribe("http.server.request.start", begun);
  return {
    settle: (ms) =>
      new Promise((resolve) => {
        if (open.size === 0) return resolve();
        const undo = webClock.setTimer(ms, resolve);
        emptied = () => {
          undo();
          resolve();
        };
      }),
    forget: () => unsubscribe("http.server.request.start", begun),
  };
}
