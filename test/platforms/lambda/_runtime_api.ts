/**
 * The Runtime API and the Extensions API of AWS Lambda, as its public documents describe them, on 127.0.0.1: what
 * the host says to a function and to its extensions. `_environment.ts` starts and ends the processes.
 * @module
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sleep } from "../../spawn.ts";

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MOST = 6 * 1024 * 1024;

/** The outcome of an invocation. */
export interface Answer {
  /** True if the function answered, false if it failed. */
  readonly ok: boolean;
  /** The answer, or `{ errorType, errorMessage }`; as text if it is no JSON. */
  readonly body: unknown;
  /** The number of pieces, if the answer came as a stream. */
  readonly pieces: number | undefined;
  /** The type of an error that came after a stream had begun. */
  readonly lateError: string | undefined;
  /** That error, as `{ errorType, errorMessage }`. */
  readonly lateBody: unknown;
  /** Milliseconds from the moment the function got the invocation to the end of the answer. */
  readonly ms: number;
}

/** An extension that has registered. */
export interface Extension {
  readonly name: string;
  readonly events: readonly string[];
  /** Whether it is a process of its own. */
  readonly external: boolean;
  /** Answers the extension's request for the next event. */
  parked: ((event: object) => void) | undefined;
  /** The events that it has not asked for yet. */
  readonly waiting: object[];
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  /** Milliseconds that the function has. */
  readonly withinMs: number;
  begun: number;
  readonly settle: (answer: Answer) => void;
  readonly fail: (error: Error) => void;
}

/** The host's side of both interfaces. */
export class RuntimeApi {
  /** The requests to the host, in order: "next", "response", "register loop", … */
  readonly log: string[] = [];
  readonly extensions: Extension[] = [];
  /** The error of the function before its first invocation. */
  initError: unknown;
  /** The most invocations that the function has had at a time. */
  mostRunning = 0;
  /** The host never answers these requests, as a host in trouble. */
  deaf: RegExp | undefined;
  /** The host does what these requests ask for, and answers after more than a second. */
  late: RegExp | undefined;
  /** The host waits a while before it reads the body of these requests. */
  slow: RegExp | undefined;
  /** The host breaks off these requests, once a part of the body has come. */
  breaks: RegExp | undefined;
  readonly #external: readonly string[];
  readonly #queue: Invocation[] = [];
  readonly #running = new Map<string, Invocation>();
  readonly #parked: ((invocation: Invocation) => void)[] = [];
  readonly #ids = new Map<string, Extension>();
  readonly #looks = new Set<() => void>();
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error) => {
      this.log.push(`failed: ${error}`);
      response.destroy();
    });
  });
  #initialized = false;

  /** `external` are the names of the extensions that are processes of their own. */
  constructor(external: readonly string[] = []) {
    this.#external = external;
    this.#server.requestTimeout = 0;
  }

  /** Listens; resolves to what the function finds in AWS_LAMBDA_RUNTIME_API. */
  listen(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", () => {
        resolve(`127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  /** Ends every connection. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** How many times the function waits for an invocation now. */
  get waiting(): number {
    return this.#parked.length;
  }

  /** Resolves when the function waits so many times and nothing runs; rejects if its initialization failed. */
  async idle(times = 1): Promise<void> {
    await this.#until(() => {
      if (this.initError !== undefined) {
        throw new Error(`The initialization failed: ${JSON.stringify(this.initError)}`);
      }
      return this.#running.size === 0 && this.#queue.length === 0 && this.waiting >= times;
    });
  }

  /** Resolves once the host was asked for something. */
  async asked(text: string): Promise<void> {
    await this.#until(() => this.log.includes(text));
  }

  /** Invokes the function as soon as it waits. */
  invoke(event: unknown, withinMs = 5000): Promise<Answer> {
    return new Promise((settle, fail) => {
      this.#queue.push({ id: randomUUID(), event, withinMs, begun: 0, settle, fail });
      this.#deliver();
    });
  }

  /** The function is gone: invocations that it has not answered fail. */
  lost(why: string): void {
    this.#parked.length = 0;
    for (const { fail } of this.#running.values()) fail(new Error(why));
    this.#running.clear();
  }

  /** Sends the event to all extensions; to one that has not asked for an event, as soon as it asks. */
  tell(extensions: readonly Extension[], event: object): void {
    for (const extension of extensions) {
      extension.waiting.push(event);
      this.#hand(extension);
    }
  }

  #hand(extension: Extension): void {
    const { parked, waiting } = extension;
    if (parked === undefined || waiting.length === 0) return;
    extension.parked = undefined;
    parked(waiting.shift()!);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").replace(/^\/(2018-06-01\/runtime|2020-01-01\/extension)\//, "");
    const isExtension = request.url?.startsWith("/2020-01-01/") === true;
    const what = (isExtension ? `extension ${path}` : path).replace(/invocation\/[0-9a-f-]{36}\//, "");
    if (this.deaf?.test(what)) return;
    const pieces: Uint8Array[] = [];
    if (this.slow?.test(what)) await sleep(100);
    for await (const piece of request) {
      pieces.push(piece as Uint8Array);
      if (this.breaks?.test(what)) return void request.socket.destroy();
    }
    const body = Buffer.concat(pieces).toString();
    const send = async (status: number, value: unknown, headers: Record<string, string> = {}) => {
      if (this.late?.test(what)) await sleep(1300);
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    };
    if (isExtension) this.#extension(path, { request, body, send });
    else if (path === "invocation/next") this.#next(response);
    else if (path === "init/error") {
      this.initError = parse(body);
      send(202, { status: "OK" });
    } else {
      const [, id = "", end] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
      const invocation = this.#running.get(id);
      if (invocation === undefined) {
        send(400, { errorType: "InvalidRequestID", errorMessage: "Invalid request ID" });
      } else if (body.length > MOST) {
        send(413, { errorType: "RequestEntityTooLarge", errorMessage: `Exceeded ${MOST} bytes` });
      } else {
        this.#running.delete(id);
        send(202, { status: "OK" });
        const streamed = request.headers["lambda-runtime-function-response-mode"] === "streaming";
        const late = request.trailers["lambda-runtime-function-error-body"];
        invocation.settle({
          ok: end === "response",
          body: parse(body),
          pieces: streamed ? pieces.length : undefined,
          lateError: request.trailers["lambda-runtime-function-error-type"],
          lateBody: late && parse(Buffer.from(late, "base64").toString()),
          ms: performance.now() - invocation.begun,
        });
      }
    }
    this.#note(what);
  }

  #next(response: ServerResponse): void {
    this.#initialized = true;
    const take = (invocation: Invocation) => {
      this.#running.set(invocation.id, invocation);
      this.mostRunning = Math.max(this.mostRunning, this.#running.size);
      invocation.begun = performance.now();
      response.writeHead(200, {
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": invocation.id,
        "lambda-runtime-deadline-ms": String(Date.now() + invocation.withinMs),
        "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-central-1:123456789012:function:shop",
        "lambda-runtime-trace-id":
          "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
      });
      response.end(JSON.stringify(invocation.event));
    };
    this.#parked.push(take);
    response.once("close", () => {
      const at = this.#parked.indexOf(take);
      if (at >= 0) this.#parked.splice(at, 1);
    });
    this.#deliver();
  }

  #deliver(): void {
    while (this.#queue.length > 0 && this.#parked.length > 0) {
      const invocation = this.#queue.shift()!;
      this.#parked.shift()!(invocation);
      this.tell(this.extensions.filter(({ events }) => events.includes("INVOKE")), {
        eventType: "INVOKE",
        deadlineMs: Date.now() + invocation.withinMs,
        requestId: invocation.id,
        invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:shop",
      });
    }
  }

  #extension(
    path: string,
    { request, body, send }: {
      readonly request: IncomingMessage;
      readonly body: string;
      send(status: number, value: unknown, headers?: Record<string, string>): void;
    },
  ): void {
    const refuse = (status: number, errorType: string, errorMessage: string) =>
      send(status, { errorType, errorMessage });
    if (path === "register") {
      const name = String(request.headers["lambda-extension-name"] ?? "");
      const { events = [] } = (body === "" ? {} : parse(body)) as { readonly events?: readonly string[] };
      const external = this.#external.includes(name);
      if (this.#initialized) return refuse(403, "Extension.InvalidExtensionState", "Registration is closed");
      if (!external && events.includes("SHUTDOWN")) {
        return refuse(403, "ShutdownEventNotSupportedForInternalExtension", "SHUTDOWN is for external ones");
      }
      if (this.extensions.length === 10) return refuse(403, "Extension.TooManyExtensions", "There are 10");
      const id = randomUUID();
      const extension: Extension = { name, events, external, parked: undefined, waiting: [] };
      this.extensions.push(extension);
      this.#ids.set(id, extension);
      const about = { functionName: "shop", functionVersion: "$LATEST", handler: "shop.handler" };
      return send(200, about, { "lambda-extension-identifier": id });
    }
    const extension = this.#ids.get(String(request.headers["lambda-extension-identifier"]));
    if (extension === undefined) {
      return refuse(403, "Extension.UnknownExtensionIdentifier", "There is none of that id");
    }
    if (path !== "event/next") return send(202, { status: "OK" });
    extension.parked = (event) => send(200, event, { "lambda-extension-event-identifier": randomUUID() });
    this.#hand(extension);
  }

  #note(what: string): void {
    this.log.push(what);
    for (const look of [...this.#looks]) look();
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        try {
          if (!holds()) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        this.#looks.delete(look);
      };
      this.#looks.add(look);
      look();
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
