/**
 * Requests to the host, by the client that costs the least cold start: loading `fetch` takes Node 60 to 180 ms, and it
 * gives up after 5 minutes; loading `node:http` takes Deno and Bun 30 to 40 ms.
 * @module
 */
import type { Signal } from "../../src/internal.ts";
import type { ProcessLike } from "../process/process_like.ts";
import { errorHeader, toldError, typeHeader } from "./told_error.ts";

/** A body that is sent piece by piece. */
export type Pieces = AsyncIterable<Uint8Array | string>;

/** A request to the host. */
export interface HostRequest {
  readonly method: "GET" | "POST";
  /** The path, which follows the host's name and port. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly body?: string | Pieces;
  /** Ends the request. */
  readonly signal?: Signal;
}

/** The host's answer. */
export interface HostAnswer {
  readonly status: number;
  /** One of its headers, by its name in lower case. */
  header(name: string): string | undefined;
  readonly text: string;
}

/** Asks the host; rejects if no answer comes. */
export type AskHost = (request: HostRequest) => Promise<HostAnswer>;

interface Response extends AsyncIterable<string> {
  readonly statusCode?: number;
  readonly headers: { readonly [name: string]: string | undefined };
  setEncoding(encoding: "utf8"): void;
}

interface Request {
  readonly destroyed: boolean;
  on(name: "error", listener: (error: Error) => void): unknown;
  on(name: "close", listener: () => void): unknown;
  write(piece: Uint8Array | string, done: () => void): unknown;
  addTrailers(trailers: Record<string, string>): void;
  end(body?: string): void;
  destroy(error: Error): void;
}

interface HttpLike {
  request(url: string, options: object, answered: (response: Response) => void): Request;
}

type FetchLike = (url: string, init: object) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/** Makes the function that asks the host at `api`, such as `127.0.0.1:9001`. */
export function askHost(process: ProcessLike, api: string): AskHost {
  const { deno, bun } = process.versions;
  if (deno !== undefined || bun !== undefined) return (request) => byFetch(api, request);
  return (request) => byHttp(process.getBuiltinModule("node:http") as HttpLike, api, request);
}

function byHttp(http: HttpLike, api: string, asked: HostRequest): Promise<HostAnswer> {
  const { method, path, headers, body, signal } = asked;
  return new Promise((resolve, reject) => {
    const streams = typeof body === "object";
    const trailers = streams ? { Trailer: TRAILERS.join(", ") } : {};
    const options = { method, headers: { ...headers, ...trailers }, ...(signal && { signal }) };
    const request = http.request(`http://${api}${path}`, options, (response) => {
      textOf(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, header: (name) => response.headers[name], text });
      }, reject);
    });
    request.on("error", reject);
    if (streams) send(request, body).catch((error) => request.destroy(error));
    else request.end(body);
  });
}

async function textOf(response: Response): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const piece of response) text += piece;
  return text;
}

/**
 * The trailers that tell of an error after the first piece.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
 */
const TRAILERS = ["Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"] as const;

/**
 * Sends the pieces as the host takes them, and stops if the host takes no more. If the iterable of pieces throws, the
 * error follows in the trailers.
 */
async function send(request: Request, pieces: Pieces): Promise<void> {
  // Node never calls back a write that waits for a connection which does not come.
  let taken = () => {};
  request.on("close", () => taken());
  try {
    for await (const piece of pieces) {
      await new Promise<void>((done) => request.write(piece, taken = done));
      if (request.destroyed) return;
    }
  } catch (error) {
    const { errorType, errorMessage } = toldError(error);
    request.addTrailers({
      [TRAILERS[0]]: typeHeader({ errorType }),
      [TRAILERS[1]]: errorHeader({ errorType, errorMessage }),
    });
  }
  request.end();
}

async function byFetch(api: string, asked: HostRequest): Promise<HostAnswer> {
  const { fetch } = globalThis as unknown as { readonly fetch: FetchLike };
  const { path, ...init } = asked;
  const body = typeof asked.body === "object" ? encoded(asked.body) : asked.body;
  const response = await fetch(`http://${api}${path}`, { ...init, body, duplex: "half" });
  const text = await response.text();
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text };
}

/** Encodes the strings among the pieces: Deno sends bytes alone. */
async function* encoded(pieces: Pieces): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield typeof piece === "string" ? encoder.encode(piece) : piece;
}
