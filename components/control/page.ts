/**
 * The status page: one page without any other file, which says the state without its script, and is live with it.
 * @module
 */
import type { ReplyLike } from "./_node_http.ts";
import type { Door, RouteParts } from "./door.ts";
import { escapeHtml } from "./html_text.ts";
import { actionsHtml, mainHtml } from "./page_parts.ts";
import { PAGE_SCRIPT } from "./page_script.ts";
import { PAGE_CSS } from "./page_style.ts";

/** The request for the page. */
export interface PageRequest {
  readonly parts: RouteParts;
  readonly door: Door;
  /** A part of it alone, for its script. */
  readonly part: string | null;
}

/** Answers with the page, or a part of it. */
export async function sendPage(reply: ReplyLike, { parts, door, part }: PageRequest): Promise<void> {
  const { status: reader, timelines } = parts;
  const status = await reader.read();
  const actions = actionsHtml(door.rights, status.pools.length > 0);
  if (part === "actions") return await sendHtml(reply, 200, actions);
  const main = mainHtml(status, timelines.read());
  if (part !== null) return await sendHtml(reply, 200, main);
  await sendShell(reply, 200, { title: status.name, main, actions, isIn: true });
}

/**
 * Answers who has not brought the token: with the page that reads it from its own address, or, where the page has no script,
 * with the browser's own question for a password.
 */
export async function sendSignIn(reply: ReplyLike, asksPassword: boolean): Promise<void> {
  const main = `<h1>Status page</h1>
<p>Open the address that <code>GET /page</code> of the control socket tells: it ends with the token.</p>
<p>Without JavaScript: <a href="/sign-in">sign in with the token as the password</a>; the user's name does not matter.</p>`;
  const more: Readonly<Record<string, string>> = asksPassword
    ? { "www-authenticate": 'Basic realm="sitebus", charset="UTF-8"' }
    : {};
  await sendShell(reply, 401, { title: "Status page", main, actions: "", isIn: false }, more);
}

interface Shell {
  readonly title: string;
  readonly main: string;
  readonly actions: string;
  /** Whether the state is in it. */
  readonly isIn: boolean;
}

async function sendShell(
  reply: ReplyLike,
  status: number,
  { title, main, actions, isIn }: Shell,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { randomBytes } = await import("node:crypto");
  const nonce = randomBytes(16).toString("base64");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · sitebus</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${PAGE_CSS}</style>
</head>
<body data-in="${isIn ? "yes" : "no"}">
<a class="skip" href="#main">To the state</a>
<div class="page">
<header>
<span id="live" hidden>live</span>
<div id="actions" class="bar" role="toolbar" aria-label="Actions" hidden>${actions}</div>
<p id="said" role="status"></p>
<p id="told" role="status" class="skip"></p>
</header>
<main id="main" tabindex="-1">
${main}
</main>
<section id="events" aria-labelledby="log-title" hidden>
<h2 id="log-title">Log since this page was opened</h2>
<div id="log" role="log" tabindex="0" aria-label="Log"></div>
</section>
<dialog id="confirm" aria-labelledby="confirm-title">
<h2 id="confirm-title"></h2>
<p id="confirm-text"></p>
<p class="bar"><button type="button" id="confirm-no">Cancel</button> <button type="button" id="confirm-yes" class="exit"></button></p>
</dialog>
</div>
<script nonce="${nonce}">${PAGE_SCRIPT}</script>
</body>
</html>
`;
  const policy =
    `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; ` +
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  await sendHtml(reply, status, html, { "content-security-policy": policy, ...headers });
}

async function sendHtml(
  reply: ReplyLike,
  status: number,
  html: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const length = new TextEncoder().encode(html).length;
  reply.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-length": `${length}`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    ...headers,
  });
  reply.end(html);
}
