/**
 * An extension of a function, as the Extensions API of AWS Lambda has it.
 * @module
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
import { namedError, type Signal } from "../../src/internal.ts";
import { textOf } from "../../src/errors.ts";
import type { ProcessLike } from "../process/process_like.ts";
import { settlesWithin } from "../process/settles_within.ts";
import type { AskHost } from "./host_request.ts";
import { toldError, typeHeader } from "./told_error.ts";

/** The events that an extension may register for. */
export type ExtensionEventName = "INVOKE" | "SHUTDOWN";

/** An event of the environment. */
export interface ExtensionEvent {
  /** The event. */
  readonly eventType: ExtensionEventName;
  /** When the extension's time for this event is over, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** The id of the invocation, if this is one. */
  readonly requestId?: string;
  /** Why the environment ends: `"spindown"`, `"timeout"` or `"failure"`. */
  readonly shutdownReason?: string;
}

/** An extension that has registered. */
export interface Extension {
  /** Waits for the next event; the first call also says that the extension is initialized. */
  next(signal?: Signal): Promise<ExtensionEvent>;
  /** Says that it cannot be initialized, which ends the environment; rejects if the host does not answer. */
  fail(error: Error, signal: Signal): Promise<void>;
}

/** The members of `node:worker_threads` that are used here. */
interface ThreadsLike {
  readonly Worker: new (source: string, options: object) => { unref(): void };
  readonly MessageChannel: new () => { readonly port1: PortLike; readonly port2: object };
  receiveMessageOnPort(port: object): { readonly message: Told } | undefined;
}

interface PortLike {
  once(name: "message", listener: (told: Told) => void): unknown;
  unref(): void;
  close(): void;
}

interface Told extends Registered {
  readonly error?: string;
}

/** The members of the host's answer that are used here. */
interface Registered {
  readonly status: number;
  readonly id: string | undefined;
  readonly text: string;
}

/** Milliseconds that the host may take to answer. It is on the same machine: if it takes longer, it is in trouble. */
const ANSWER_MS = 1000;

const ROOT = "/2020-01-01/extension";

/** Passes the answer on; rejects if it does not come in time. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  if (await settlesWithin(answer, ANSWER_MS)) return await answer;
  throw namedError("TimeoutError", LATE);
}

/**
 * Registers an extension, which has to be done before the function asks for its first invocation. If the host answers
 * late, `use` is called all the same, since the host waits for every extension that it has registered.
 * @throws {Error} If the host refuses, or does not answer in time.
 */
export async function registerExtension(
  ask: AskHost,
  { name, events, signal, use }: {
    readonly name: string;
    readonly events: readonly ExtensionEventName[];
    /** Ends the request. */
    readonly signal: Signal;
    use(extension: Extension): void;
  },
): Promise<void> {
  const headers = { "Lambda-Extension-Name": name, "Content-Type": "application/json" };
  const body = JSON.stringify({ events });
  const register = async () => {
    const answer = await ask({ method: "POST", path: `${ROOT}/register`, headers, body, signal });
    use(extensionOf(ask, idOf({ ...answer, id: answer.header(ID_HEADER) })));
  };
  try {
    await inTime(register());
  } catch (cause) {
    throw new Error(`${refusal(name)}: ${textOf(cause)}`, { cause });
  }
}

/**
 * Registers an internal extension before it returns, for a module that cannot wait: the client asks for its first
 * invocation before this thread gets back to its event loop. So another thread asks the host, and this thread blocks.
 * Calls `use` with the id of the extension.
 * @throws {Error} If the host refuses, or does not answer in time.
 */
export function registerExtensionSync(
  process: ProcessLike,
  { api, name, use }: { readonly api: string; readonly name: string; use(id: string): void },
): void {
  const { Worker, MessageChannel, receiveMessageOnPort } = process.getBuiltinModule(
    "node:worker_threads",
  ) as ThreadsLike;
  const { port1: own, port2: port } = new MessageChannel();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { url: `http://${api}${ROOT}/register`, name, idHeader: ID_HEADER, port, flag };
  const options = { eval: true, execArgv: [], env: {}, workerData, transferList: [port] };
  new Worker(THREAD_SOURCE, options).unref();
  Atomics.wait(flag, 0, 0, ANSWER_MS);
  const told = receiveMessageOnPort(own)?.message;
  try {
    if (told === undefined) {
      own.once("message", ({ status, id }) => {
        if (status === 200 && id !== undefined) use(id);
      });
      own.unref();
      throw namedError("TimeoutError", LATE);
    }
    own.close();
    if (told.error !== undefined) throw new Error(told.error);
    use(idOf(told));
  } catch (cause) {
    throw new Error(`${refusal(name)}: ${textOf(cause)}`, { cause });
  }
}

/** Runs as it is, as a CommonJS module: it may contain no types. */
const THREAD_SOURCE = `
const { workerData: { url, name, idHeader, port, flag } } = require("node:worker_threads");
const tell = (message) => {
  port.postMessage(message);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
};
const headers = { "Lambda-Extension-Name": name, "Content-Type": "application/json" };
const request = require("node:http").request(url, { method: "POST", agent: false, headers }, (response) => {
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (piece) => text += piece);
  response.on("end", () => tell({ status: response.statusCode, id: response.headers[idHeader], text }));
});
request.on("error", (error) => tell({ error: error.message }));
request.end('{"events":[]}');
`;

const ID_HEADER = "lambda-extension-identifier";

const LATE = `the host did not answer within ${ANSWER_MS} ms`;

function refusal(name: string): string {
  return `Cannot register the extension "${name}"`;
}

function idOf({ status, id, text }: Registered): string {
  if (status !== 200) throw new Error(`the host answered ${status}: ${text}`);
  if (id === undefined) throw new Error("the host's answer has no Lambda-Extension-Identifier");
  return id;
}

/** The extension that has registered, by the id that the host gave it. */
export function extensionOf(ask: AskHost, id: string): Extension {
  const own = { "Lambda-Extension-Identifier": id };
  return {
    async next(signal) {
      const path = `${ROOT}/event/next`;
      const answer = await ask({ method: "GET", path, headers: own, ...(signal && { signal }) });
      if (answer.status !== 200) {
        throw new Error(`Cannot wait for an event: the host answered ${answer.status}: ${answer.text}`);
      }
      return JSON.parse(answer.text) as ExtensionEvent;
    },
    async fail(error, signal) {
      const { errorType, errorMessage } = toldError(error);
      const type = `Extension.${typeHeader({ errorType })}`;
      const headers = { ...own, "Lambda-Extension-Function-Error-Type": type };
      const body = JSON.stringify({ errorType, errorMessage });
      await inTime(ask({ method: "POST", path: `${ROOT}/init/error`, headers, body, signal }));
    },
  };
}
