/**
 * Clients of a server that is rolled: steady, not saturating, on new and on kept connections, and what became of their
 * requests.
 * @module
 */
import { connect as connectPlain, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";

/** What became of the requests. */
export interface Counts {
  answered: number;
  /** Failed on a fresh connection: refused, reset, cut, not 200, or nothing for 5 s. No client may try again without a word. */
  failed: number;
  /** Sent on a kept connection that the server had just closed. */
  cut: number;
  /** The same of a client that was so late itself, on a busy machine, that no server could have waited for it. */
  late: number;
}

/** What a client does. */
export type Kind = "new" | "kept" | "post" | "events";

const SILENT_MS = 5000;

/** A kept connection is served for 300 ms after the listener was closed. */
const LATE_MS = 250;
const BODY = Buffer.alloc(1_000_000, 97);

/** How many clients there are of each kind, and how long each pauses after an answer, in milliseconds. */
const CLIENTS: Readonly<
  Record<Kind, readonly [count: number, pauseMs: number]>
> = {
  new: [8, 20],
  kept: [40, 60],
  post: [2, 50],
  events: [10, 50],
};

/** Loads a port with all kinds of clients; returns what ends it, with the counts of each kind. */
export function loadPort(
  port: number,
  secure: boolean,
): () => Promise<Readonly<Record<Kind, Counts>>> {
  const state = { isOver: false };
  const counts = {} as Record<Kind, Counts>;
  const clients: Promise<void>[] = [];
  for (
    const [kind, [count, pauseMs]] of Object.entries(CLIENTS) as [
      Kind,
      readonly [number, number],
    ][]
  ) {
    counts[kind] = { answered: 0, failed: 0, cut: 0, late: 0 };
    for (let client = 0; client < count; client++) {
      clients.push(
        ask({ port, secure, kind, pauseMs, counts: counts[kind], state }),
      );
    }
  }
  return async () => {
    state.isOver = true;
    await Promise.all(clients);
    return counts;
  };
}

interface Client {
  readonly port: number;
  readonly secure: boolean;
  readonly kind: Kind;
  readonly pauseMs: number;
  readonly counts: Counts;
  readonly state: { readonly isOver: boolean };
}

async function ask(
  { port, secure, kind, pauseMs, counts, state }: Client,
): Promise<void> {
  let socket: Socket | undefined;
  let answeredAt = performance.now();
  while (!state.isOver) {
    await sleep(pauseMs * (0.5 + Math.random()));
    const isFresh = socket === undefined;
    const isLate = performance.now() - answeredAt > LATE_MS;
    socket ??= secure
      ? connectTls(
        {
          port,
          host: "127.0.0.1",
          rejectUnauthorized: false,
          allowHalfOpen: true,
        } as never,
      )
      : connectPlain({ port, host: "127.0.0.1", allowHalfOpen: true });
    if (isFresh) socket.setNoDelay(true).on("error", () => {});
    const { whole, closes } = await exchange(
      socket,
      requestOf(kind),
      state,
      kind === "events",
    );
    if (whole === undefined) break;
    if (whole) counts.answered++;
    else if (isFresh) counts.failed++;
    else if (isLate) counts.late++;
    else counts.cut++;
    answeredAt = performance.now();
    if (whole && !closes && kind === "kept") continue;
    socket.destroy();
    socket = undefined;
  }
  socket?.destroy();
}

function requestOf(kind: Kind): Buffer {
  const head = (line: string, more = "") => Buffer.from(`${line} HTTP/1.1\r\nhost: 127.0.0.1\r\n${more}\r\n`);
  if (kind === "post") {
    return Buffer.concat([
      head("POST /", `content-length: ${BODY.length}\r\n`),
      BODY,
    ]);
  }
  return head(kind === "events" ? "GET /events" : "GET /");
}

/** Sends a request; `whole` is undefined where a stream was still open when the load was over. */
function exchange(
  socket: Socket,
  request: Buffer,
  state: { readonly isOver: boolean },
  isStream: boolean,
): Promise<{ readonly whole: boolean | undefined; readonly closes: boolean }> {
  return new Promise((resolve) => {
    let text = "";
    let heard = performance.now();
    const data = (part: Buffer) => {
      text += part.toString("latin1");
      heard = performance.now();
      if (isWhole(text)) settle(text.startsWith("HTTP/1.1 200 "));
    };
    const cut = () => settle(false);
    const watch = setInterval(() => {
      if (isStream && text !== "") return state.isOver && settle(undefined);
      if (performance.now() - heard > SILENT_MS) settle(false);
    }, 100);
    const settle = (whole: boolean | undefined) => {
      clearInterval(watch);
      socket.off("data", data).off("error", cut).off("end", cut).off(
        "close",
        cut,
      );
      resolve({ whole, closes: /^connection: *close/im.test(text) });
    };
    if (socket.destroyed || socket.readableEnded) return cut();
    socket.on("data", data).on("error", cut).on("end", cut).on("close", cut);
    socket.write(request);
  });
}

/** Enough for the answers of the bench: a length, or chunks with the last one empty. */
function isWhole(text: string): boolean {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return false;
  const [, length] = /^content-length: *(\d+)/im.exec(text.slice(0, head + 2)) ?? [];
  return length === undefined ? text.endsWith("\r\n0\r\n\r\n") : text.length >= head + 4 + Number(length);
}
