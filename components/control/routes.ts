/**
 * The routes of control.
 * @module
 */
import { show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import { type AskLike, headerOf, type ReplyLike } from "./_node_http.ts";
import { isSameSecret, refuseForeign, tokenOf } from "./access.ts";
import { ACTION_PATHS } from "./actions.ts";
import { readBody } from "./body.ts";
import type { Door, RouteParts } from "./door.ts";
import { EVENT_LEVELS } from "./event_stream.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** The paths that are read. */
const READ_PATHS = ["/", "/status", "/inspect", "/timeline", "/events", "/metrics", "/page"];

const SAFE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** Answers one request. Never rejects. `whole` is called once all of it has come. */
export async function answer(
  parts: RouteParts,
  door: Door,
  { ask, reply, whole }: { readonly ask: AskLike; readonly reply: ReplyLike; readonly whole: () => void },
): Promise<void> {
  try {
    await route(parts, door, { ask, reply, whole });
  } catch (error) {
    // The client may be gone, or the answer begun.
    if (reply.headersSent) reply.destroy();
    else sendJson(reply, 500, { error: textOf(error) });
  }
}

async function route(
  parts: RouteParts,
  door: Door,
  { ask, reply, whole }: { readonly ask: AskLike; readonly reply: ReplyLike; readonly whole: () => void },
): Promise<void> {
  const { method = "GET" } = ask;
  const url = readUrl(ask.url);
  const isRead = method === "GET" || method === "HEAD";
  // A body that nobody asked for is read and thrown away; it must come to an end in time, too.
  const read = method === "POST" ? await readBody(ask) : (ask.resume(), { body: {} });
  whole();
  if (!url) return sendJson(reply, 400, { error: "The address cannot be read" });
  const { pathname } = url;
  const refusal = refuseForeign(ask, door.guard?.host);
  if (refusal) return sendJson(reply, refusal.status, { error: refusal.error });
  if (door.guard && !await isSameSecret(tokenOf(ask), door.guard.token)) {
    if (isRead && (pathname === "/" || pathname === "/sign-in")) {
      const { sendSignIn } = await import("./page.ts");
      return await sendSignIn(reply, pathname === "/sign-in");
    }
    return sendJson(reply, 401, {
      error: "The token is missing or wrong: it goes into the header Authorization",
    });
  }
  if (ACTION_PATHS.includes(pathname)) {
    if (method !== "POST") return sendJson(reply, 405, { error: "Expected POST" }, { allow: "POST" });
    if ("error" in read) {
      const more: Record<string, string> = read.status === 413 ? { connection: "close" } : {};
      return sendJson(reply, read.status, { ok: false, error: read.error, ms: 0 }, more);
    }
    const { status, body } = await parts.actions.run(pathname, read.body, door.rights, door.name);
    return sendJson(reply, status, body);
  }
  if (!READ_PATHS.includes(pathname) && !(door.guard && pathname === "/sign-in")) {
    const error = `There is no ${show(pathname)}, expected one of ${
      [...READ_PATHS, ...ACTION_PATHS].join(", ")
    }`;
    return sendJson(reply, 404, { error });
  }
  if (!isRead) return sendJson(reply, 405, { error: "Expected GET" }, { allow: "GET, HEAD" });
  await tell(parts, door, { ask, reply, url });
}

async function tell(
  parts: RouteParts,
  door: Door,
  { ask, reply, url }: { readonly ask: AskLike; readonly reply: ReplyLike; readonly url: URL },
): Promise<void> {
  const { bus, status, timelines, events } = parts;
  switch (url.pathname) {
    case "/status":
      return sendJson(reply, 200, await status.read());
    case "/inspect":
      return sendJson(reply, 200, bus.inspect());
    case "/timeline":
      return sendJson(reply, 200, timelines.read());
    case "/page": {
      // Only who may read the socket learns the token.
      const page = door.guard ? undefined : parts.pageUrl();
      return sendJson(reply, page === undefined ? 404 : 200, page === undefined ? NO_PAGE : { url: page });
    }
    case "/events": {
      const level = EVENT_LEVELS.find((level) => level === (url.searchParams.get("level") ?? "debug"));
      if (!level) {
        return sendJson(reply, 400, {
          error: `The level is unknown, expected one of ${EVENT_LEVELS.join(", ")}`,
        });
      }
      if (ask.method === "HEAD") return void reply.writeHead(200, SAFE), void reply.end();
      return events.add(reply, level);
    }
    case "/metrics": {
      const { metricsText } = await import("./metrics.ts");
      return send(reply, 200, { "content-type": OPEN_METRICS }, await metricsText(status, events));
    }
    case "/sign-in":
      reply.writeHead(303, { ...SAFE, location: "/" });
      return void reply.end();
    default: {
      // A program that asks for no page gets the status.
      if (!headerOf(ask, "accept")?.includes("text/html")) return sendJson(reply, 200, await status.read());
      const { sendPage } = await import("./page.ts");
      return await sendPage(reply, { parts, door, part: url.searchParams.get("part") });
    }
  }
}

const NO_PAGE = { error: "There is no status page on a port" };

function readUrl(url: string | undefined): URL | undefined {
  try {
    return new URL(url ?? "/", "http://bus");
  } catch {
    return undefined;
  }
}

function sendJson(
  reply: ReplyLike,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(reply, status, { "content-type": JSON_TYPE, ...headers }, `${JSON.stringify(body)}\n`);
}

function send(
  reply: ReplyLike,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
): void {
  const length = new TextEncoder().encode(text).length;
  reply.writeHead(status, { ...SAFE, "content-length": `${length}`, ...headers });
  reply.end(text);
}
