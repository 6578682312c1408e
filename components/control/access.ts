/**
 * The check of those who ask: on a socket whoever the system lets connect, on a port whoever has the token. On both, a web page of
 * somebody else that a browser of this user shows may not.
 * @module
 */
import { type AskLike, headerOf } from "./_node_http.ts";

/** Why a request is refused. */
export interface AccessRefusal {
  readonly status: 401 | 403;
  readonly error: string;
}

/** The names of this computer. */
const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** A name without a dot, as in `curl --unix-socket … http://bus/status`: no domain of anybody. */
const PLAIN = /^[a-z0-9_-]+$/i;

/**
 * Refuses what a browser sends in the name of another site. A name that is made to lead to this computer (DNS rebinding) is
 * told by `Host`, a request of another site's page by `Origin`.
 * @param host The `Host` that a port must have; undefined for a socket.
 */
export function refuseForeign(ask: AskLike, host?: string): AccessRefusal | undefined {
  const asked = headerOf(ask, "host") ?? "";
  const isOurs = host === undefined ? LOCAL.test(asked) || PLAIN.test(asked) : isSame(asked, host);
  if (!isOurs) return { status: 403, error: `Refused: the host is "${asked}", expected this computer` };
  const origin = headerOf(ask, "origin");
  if (origin !== undefined && origin !== `http://${asked}`) {
    return { status: 403, error: `Refused: the origin is "${origin}", expected that of this page` };
  }
  const site = headerOf(ask, "sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return { status: 403, error: `Refused: it comes from the page of another site (${site})` };
  }
  return undefined;
}

/** Whether it is that host, by one of the names of this computer, and that port. */
function isSame(asked: string, host: string): boolean {
  const port = host.slice(host.lastIndexOf(":"));
  return LOCAL.test(asked) && asked.endsWith(port) && asked.includes(":");
}

/** Whether a value can be a token: 16 characters or more of ASCII, no space. */
export function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{16,}$/.test(value);
}

/** The token that a request brings, as `Bearer`, or as the password of `Basic`; never in the address, which others log. */
export function tokenOf(ask: AskLike): string | undefined {
  const [, scheme = "", value = ""] =
    /^(bearer|basic)\s+(\S+)\s*$/i.exec(headerOf(ask, "authorization") ?? "") ??
      [];
  if (scheme === "") return undefined;
  if (scheme.toLowerCase() === "bearer") return value;
  const text = atob64(value);
  return text?.slice(text.indexOf(":") + 1);
}

function atob64(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

/** Whether two secrets are the same, in a time that says nothing of where they differ. */
export async function isSameSecret(one: string | undefined, other: string): Promise<boolean> {
  if (one === undefined) return false;
  const { createHash, timingSafeEqual } = await import("node:crypto");
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(one), hash(other));
}

/** A new token of 192 bits. */
export async function newToken(): Promise<string> {
  const { randomBytes } = await import("node:crypto");
  return randomBytes(24).toString("base64url");
}
