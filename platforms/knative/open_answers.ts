/**
 * The answers that the HTTP servers of a process are sending. A host that does not wait for them may end the process
 * before they are sent.
 * @module
 */
import { builtinModule, type ProcessLike } from "../process/process_like.ts";
import { settlesWithin } from "../process/settles_within.ts";

/** Watches the answers of a process. */
export interface OpenAnswers {
  /** Resolves when all answers were sent, or after `ms` milliseconds. */
  settle(ms: number): Promise<void>;
  /** Stops watching. */
  forget(): void;
}

/** The message that Node publishes for a request. */
interface RequestStart {
  readonly response: { once(name: "close", listener: () => void): unknown };
}

/**
 * Watches the answers to all requests that come from now on, by a diagnostics channel of Node's servers.
 * @see https://nodejs.org/api/diagnostics_channel.html#http
 */
export function openAnswers(process: ProcessLike): OpenAnswers {
  const { subscribe, unsubscribe } = builtinModule(process, "node:diagnostics_channel");
  const open = new Set<unknown>();
  let emptied = () => {};
  const begun = (told: unknown) => {
    const { response } = told as RequestStart;
    open.add(response);
    response.once("close", () => {
      open.delete(response);
      if (open.size === 0) emptied();
    });
  };
  subscribe("http.server.request.start", begun);
  return {
    async settle(ms) {
      if (open.size > 0) await settlesWithin(new Promise<void>((resolve) => emptied = resolve), ms);
    },
    forget: () => unsubscribe("http.server.request.start", begun),
  };
}
