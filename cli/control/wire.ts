/**
 * Asks a process over its control socket: HTTP by hand, since `node:http` takes longer to load than the answer takes.
 * @module
 */
import { connect, type Socket } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";

/**
 * Why there is no answer. `refused`: nobody listens on the socket. `denied`: it belongs to another user. `silent`: somebody
 * listens, and does not answer in time. `cut`: the connection ended before the answer did.
 */
export type NoAnswerKind = "refused" | "denied" | "silent" | "cut";

/** There is no answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly kind: NoAnswerKind;

  constructor(kind: NoAnswerKind, options?: ErrorOptions) {
    super(`The control socket does not answer: ${kind}`, options);
    this.kind = kind;
  }
}

/** A request. */
export interface Ask {
  /** The path and the query, such as "/status". */
  readonly route: string;
  /** The body of a POST. Default: it is a GET. */
  readonly body?: object;
  /** Milliseconds until the answer has to be there, or has to begin where it is a stream. Default: no limit. */
  readonly within?: number;
  /** Gives the request up: it is `cut`. */
  readonly signal?: AbortSignal;
}

/** An answer: the status of HTTP, and the body as JSON. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** One event of a stream. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** A stream of events. */
export interface Stream {
  /** Resolves when it has ended, by either side. */
  readonly ended: Promise<void>;
  /** Goes away. */
  close(): void;
}

/** The most characters of an answer: a process that sends more is no bus. */
const MOST = 16_777_216;

/**
 * Asks, and resolves to the answer.
 * @throws {NoAnswer} Where there is none, or none that can be read.
 */
export function ask(path: string, { route, body, within, signal }: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = open(path, { within, reject });
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.length > MOST) socket.destroy();
    });
    socket.on("end", () => {
      const reply = readReply(text);
      if (reply) resolve(reply);
    });
    socket.on("close", () => reject(new NoAnswer("cut")));
    signal?.addEventListener("abort", () => socket.destroy());
    send(socket, route, body);
  });
}

/**
 * Asks for a stream of server-sent events, and resolves when it has begun: nothing is missed from then on.
 * @throws {NoAnswer} Where it does not begin.
 */
export function follow(
  path: string,
  { route, within }: Pick<Ask, "route" | "within">,
  take: (event: StreamEvent) => void,
): Promise<Stream> {
  return new Promise((resolve, reject) => {
    let body: BodyReader | undefined;
    let text = "";
    const ended = new Promise<void>((end) => {
      const socket = open(path, { within, reject });
      socket.on("close", () => {
        reject(new NoAnswer("cut"));
        end();
      });
      socket.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MOST) return void socket.destroy();
        if (!body) {
          const head = readHead(text);
          if (!head) return;
          if (head.status !== 200) return void socket.destroy();
          body = new BodyReader(head.chunked);
          text = body.read(text.slice(head.length));
          socket.setTimeout(0);
          resolve({ ended, close: () => void socket.destroy() });
        } else text = text.slice(0, -chunk.length) + body.read(chunk);
        // An event ends with an empty line.
        const events = text.split("\n\n");
        text = events.pop() ?? "";
        for (const one of events) {
          const event = readEvent(one);
          if (event) take(event);
        }
      });
      send(socket, route);
    });
  });
}

function open(
  path: string,
  { within, reject }: { readonly within: number | undefined; readonly reject: (error: NoAnswer) => void },
): Socket {
  const socket = connect({ path });
  socket.setEncoding("utf8");
  if (within !== undefined) {
    // Not `setTimeout` of the socket: bytes that come slowly would extend it.
    const timer = setTimeout(() => {
      reject(new NoAnswer("silent"));
      socket.destroy();
    }, within);
    socket.once("data", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
  }
  socket.on("error", (cause: Error & { readonly code?: string }) => {
    const { code } = cause;
    const kind = code === "ECONNREFUSED" || code === "ENOENT" || code === "ENOTSOCK"
      ? "refused"
      : code === "EACCES" || code === "EPERM"
      ? "denied"
      : "cut";
    reject(new NoAnswer(kind, { cause }));
  });
  return socket;
}

function send(socket: Socket, route: string, body?: object): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  const head = body === undefined
    ? `GET ${route} HTTP/1.1\r\n`
    : `POST ${route} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${byteLength(text)}\r\n`;
  socket.write(`${head}Host: bus\r\nConnection: close\r\n\r\n${text}`);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

interface Head {
  readonly status: number;
  readonly chunked: boolean;
  /** Where the body begins. */
  readonly length: number;
}

function readHead(text: string): Head | undefined {
  const end = text.indexOf("\r\n\r\n");
  const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(text) ?? [];
  if (end < 0 || status === undefined) return undefined;
  const chunked = /\r\ntransfer-encoding:[^\r]*chunked/i.test(text.slice(0, end));
  return { status: Number(status), chunked, length: end + 4 };
}

function readReply(text: string): Reply | undefined {
  const head = readHead(text);
  if (!head) return undefined;
  try {
    const body: unknown = JSON.parse(new BodyReader(head.chunked).read(text.slice(head.length)));
    return { status: head.status, body };
  } catch {
    return undefined; // It was cut in the middle.
  }
}

/** Reads a body that comes in pieces, which may be in chunks. */
class BodyReader {
  readonly #chunked: boolean;
  #rest = "";

  constructor(chunked: boolean) {
    this.#chunked = chunked;
  }

  /** The body so far, with this piece. */
  read(piece: string): string {
    if (!this.#chunked) return piece;
    let text = "";
    this.#rest += piece;
    for (;;) {
      const [frame, length = ""] = /^(?:\r\n)?([\da-f]+)[^\r\n]*\r\n/i.exec(this.#rest) ?? [];
      if (frame === undefined || length === "0") return text;
      const chunk = bytesOf(this.#rest, frame.length, parseInt(length, 16));
      if (chunk === undefined) return text;
      text += chunk;
      this.#rest = this.#rest.slice(frame.length + chunk.length);
    }
  }
}

/** So many bytes of a text, from a character on; undefined where it has not so many. */
function bytesOf(text: string, from: number, bytes: number): string | undefined {
  let left = bytes;
  let at = from;
  while (left > 0) {
    const point = text.codePointAt(at);
    if (point === undefined) return undefined;
    left -= point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
    at += point < 0x1_0000 ? 1 : 2;
  }
  return text.slice(from, at);
}

function readEvent(text: string): StreamEvent | undefined {
  let event = "message";
  const data: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length === 0 ? undefined : { event, data: data.join("\n") };
}
