import { request } from "node:http";
import { expect, test } from "vitest";
import { askAt, type Asked, controlled } from "./_asking.ts";

const TOKEN = "a-token-for-the-tests-alone";

async function ported() {
  const { bus, ask, handle, records } = await controlled({
    page: { port: 0, token: TOKEN, rights: ["reload"] },
    setup: (bus) => void bus.use({ name: "<b>db</b>", start: () => 1 }),
  });
  await bus.start();
  const port = Number(new URL(handle.pageUrl!).port);
  const authorization = `Bearer ${TOKEN}`;
  const at = (path: string, { headers = {}, ...asked }: Asked = {}) =>
    askAt(undefined, path, { ...asked, port, headers: { authorization, ...headers } });
  return { bus, ask, records, port, at };
}

test("a port answers who has the token, as Bearer or as a password, and nobody else", async () => {
  const { at } = await ported();
  const status = async (authorization: string) =>
    (await at("/status", { headers: { authorization } })).status;
  expect(await status(`Bearer ${TOKEN}`)).toBe(200);
  expect(await status(`Basic ${btoa(`anybody:${TOKEN}`)}`)).toBe(200);
  for (
    const wrong of [
      "",
      "Bearer",
      `Bearer ${TOKEN}x`,
      `Token ${TOKEN}`,
      TOKEN,
      "Basic ###",
      `Basic ${btoa(TOKEN)}x`,
    ]
  ) {
    expect([wrong, await status(wrong)]).toEqual([wrong, 401]);
  }
  expect((await at(`/status?token=${TOKEN}`, { headers: { authorization: "" } })).status).toBe(401);
});

test("a host that is another's, and the page of another site, are refused", async () => {
  const { at, port, bus } = await ported();
  const status = async (headers: Record<string, string>, path = "/status") =>
    (await at(path, { headers })).status;
  expect(await status({ host: `localhost:${port}` })).toBe(200);
  for (
    const host of ["evil.example", `evil.example:${port}`, `127.0.0.1:${port + 1}`, "127.0.0.1", "localhost"]
  ) {
    expect([host, await status({ host })]).toEqual([host, 403]);
  }
  expect(await status({ origin: `http://127.0.0.1:${port}` })).toBe(200);
  for (
    const origin of [
      "http://evil.example",
      "null",
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port + 1}`,
    ]
  ) {
    expect([origin, await status({ origin })]).toEqual([origin, 403]);
  }
  expect(await status({ "sec-fetch-site": "cross-site" })).toBe(403);
  const posted = await at("/reload", { body: {}, headers: { origin: "http://evil.example" } });
  expect(posted.status).toBe(403);
  expect(bus.inspect().generation).toBe(0);
});

test("on the socket a browser is held to the same, and curl is not", async () => {
  const { ask } = await ported();
  const status = async (headers: Record<string, string>) => (await ask("/status", { headers })).status;
  expect(await status({ host: "bus" })).toBe(200);
  expect(await status({ host: "localhost:9000" })).toBe(200);
  expect(await status({ host: "evil.example" })).toBe(403);
  expect(await status({ host: "localhost:9000", origin: "http://localhost:9000" })).toBe(200);
  expect(await status({ host: "localhost:9000", origin: "http://evil.example" })).toBe(403);
});

test("the port has rights of its own, and only the socket tells the token", async () => {
  const { at, ask, port, records } = await ported();
  expect((await at("/reload", { body: {} })).json.ok).toBe(true);
  expect((await at("/goal", { body: { goal: "exit" } })).status).toBe(403);
  expect((await ask("/page")).json).toEqual({ url: `http://127.0.0.1:${port}/#token=${TOKEN}` });
  expect((await at("/page")).status).toBe(404);
  expect(JSON.stringify(records)).not.toContain(TOKEN);
  expect((await ask("/status")).text).not.toContain(TOKEN);
});

test("without the token a browser gets a page that says nothing of the process, or is asked for a password", async () => {
  const { at } = await ported();
  const headers = { authorization: "", accept: "text/html" };
  const page = await at("/", { headers });
  expect([page.status, page.headers["www-authenticate"]]).toEqual([401, undefined]);
  expect(page.text).toContain("/sign-in");
  expect(page.text).not.toContain("&lt;b");
  const asked = await at("/sign-in", { headers });
  expect([asked.status, asked.headers["www-authenticate"]]).toEqual([
    401,
    'Basic realm="sitebus", charset="UTF-8"',
  ]);
  const signedIn = await at("/sign-in");
  expect([signedIn.status, signedIn.headers["location"]]).toEqual([303, "/"]);
});

test("the page says the state without its script, loads nothing, and shows a strange name as text", async () => {
  const { at } = await ported();
  const { text, headers } = await at("/", { headers: { accept: "text/html,*/*" } });
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(text).toContain('<span class="pill is-run">run</span>');
  expect(text).toContain("&lt;b&gt;db&lt;/b&gt;");
  expect(text).not.toContain("<b>db");
  expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(text.match(/<button[^>]*data-path/g)).toHaveLength(1);
  expect((await at("/")).json).toMatchObject({ state: "run" });
});

test("a port that is taken is one warning, and the socket is open all the same", async () => {
  const { port } = await ported();
  const second = await controlled({ page: { port } });
  await second.bus.start();
  expect(second.handle.pageUrl).toBeUndefined();
  expect(second.records.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
    expect.stringContaining(`Cannot open the status page on 127.0.0.1:${port}`),
  ]);
  expect((await second.ask("/status")).status).toBe(200);
});

test("it listens on 127.0.0.1 alone, and a new token is made for each process", async () => {
  const one = await controlled({ page: { port: 0 } });
  const other = await controlled({ page: { port: 0 } });
  await Promise.all([one.bus.start(), other.bus.start()]);
  expect(one.handle.pageUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const token = async ({ ask }: typeof one) => new URL((await ask("/page")).json.url).hash;
  expect(await token(one)).toMatch(/^#token=[\w-]{32}$/);
  expect(await token(one)).not.toBe(await token(other));
  const error = await new Promise<unknown>((resolve) => {
    const port = Number(new URL(one.handle.pageUrl!).port);
    request({ host: "::1", port, path: "/status", agent: false }, resolve).on("error", resolve).end();
  });
  expect(error).toBeInstanceOf(Error);
});
