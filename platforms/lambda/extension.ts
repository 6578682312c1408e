/**
 * An extension of a function, as the Extensions API of AWS Lambda has it.
 * @module
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
import { type Signal, web } from "../../src/_web.ts";
import { namedError } from "../../src/deadline.ts";
import { webClock } from "../../src/web_clock.ts";
import type { AskHost } from "./host_request.ts";

/** What an extension may be told of. */
export type ExtensionEventName = "INVOKE" | "SHUTDOWN";

/** What it is told. */
export interface ExtensionEvent {
  /** What happens. */
  readonly eventType: ExtensionEventName;
  /** When its time for this event is over, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Of an invocation. */
  readonly requestId?: string;
  /** Why the environment ends: `"spindown"`, `"timeout"` or `"failure"`. */
  readonly shutdownReason?: string;
}

/** An extension that has registered. */
export interface Extension {
  /** Waits for the next event; the first call says that it is initialized. */
  next(signal?: Signal): Promise<ExtensionEvent>;
  /** Says that it cannot be initialized, which ends the environment. */
  fail(error: Error): Promise<void>;
}

// The host is on the same machine: where it does not answer within this time, in milliseconds, it will not.
const registerMs = 1000;

const root = "/2020-01-01/extension";

/**
 * Registers an extension. It has to be done before the function asks for its first invocation.
 * @throws {Error} where the host refuses it, or does not answer.
 */
export async function registerExtension(
  ask: AskHost,
  name: string,
  events: readonly ExtensionEventName[],
): Promise<Extension> {
  const action = `Cannot register the extension "${name}"`;
  const limit = new web.AbortController();
  const disarm = webClock.setTimer(registerMs, () => {
    limit.abort(namedError("TimeoutError", `the host did not answer within ${registerMs} ms`));
  });
  const { signal } = limit;
  const headers = { "Lambda-Extension-Name": name, "Content-Type": "application/json" };
  const body = JSON.stringify({ events });
  let id: string | undefined;
  try {
    const answer = await ask({ method: "POST", path: `${root}/register`, headers, body, signal });
    if (answer.status !== 200) throw new Error(`the host answered ${answer.status}: ${answer.text}`);
    id = answer.header("lambda-extension-identifier");
    if (id === undefined) throw new Error("the host's answer has no Lambda-Extension-Identifier");
  } catch (error) {
    const cause = signal.aborted ? signal.reason : error;
    throw new Error(`${action}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  } finally {
    disarm();
  }
  const own = { "Lambda-Extension-Identifier": id };
  return {
    async next(signal) {
      const path = `${root}/event/next`;
      const answer = await ask({ method: "GET", path, headers: own, ...(signal && { signal }) });
      if (answer.status !== 200) {
        throw new Error(`Cannot wait for an event: the host answered ${answer.status}: ${answer.text}`);
      }
      return JSON.parse(answer.text) as ExtensionEvent;
    },
    async fail({ name: type, message }) {
      const headers = { ...own, "Lambda-Extension-Function-Error-Type": `Extension.${type}` };
      const body = JSON.stringify({ errorType: type, errorMessage: message });
      await ask({ method: "POST", path: `${root}/init/error`, headers, body });
    },
  };
}
