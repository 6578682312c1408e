import { connect } from "node:http2";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { closeWithServer, type DenoServeLike, httpServer } from "../../../components/http.ts";
import { start } from "../../spawn.ts";
import { cert, key } from "./_certificate.ts";
import { connectTo, seen } from "./_node_client.ts";
import { serving } from "./_serving.ts";
import { app } from "./_web_app.ts";
import { SLACK_MS, type Subject, webServerSuite } from "./_web_server.ts";

interface DenoOfTest {
  readonly serve: DenoServeLike;
  upgradeWebSocket(request: Request): { readonly socket: WebSocket; readonly response: Response };
}

const { Deno } = globalThis as unknown as { readonly Deno: DenoOfTest | undefined };
const skip = Deno ? undefined : "This runtime is not Deno";

const subject: Subject = {
  skip,
  make: (fetch, options) => httpServer(Deno?.serve as DenoServeLike, { ...options, fetch }),
  ownSignal: true,
  countsStreams: false,
  tellsSilent: true,
  closesAfterAnswer: false,
  sendsFetched: true,
};

const { make, check } = webServerSuite("Deno.serve", subject);

function denoTest(title: string, body: (deno: DenoOfTest) => Promise<void>): void {
  check(title, () => body(Deno!));
}

denoTest("answers 503 to all whose answers do not come, and does not wait for them", async () => {
  const { http, stop, records } = await serving(make(app), { drainMs: 600 });
  const clients = await Promise.all([connectTo(http), connectTo(http)]);
  for (const client of clients) client.get("/never");
  await seen(http, 2);
  expect(await stop()).toBeLessThan(patient(600 + SLACK_MS));
  for (const client of clients) await client.received("503 Service Unavailable");
  expect(records.map(({ message }) => message)).toContain("http cut 2 requests at the end of its time");
});

denoTest("counts a WebSocket that it was told of", async (deno) => {
  const { http, stop } = await serving(make((request) => {
    const { socket, response } = deno.upgradeWebSocket(request);
    closeWithServer(socket, request);
    return response;
  }));
  const socket = new WebSocket(http.url.replace("http", "ws"));
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  expect(http.inFlight).toBe(1);
  expect(await stop()).toBeLessThan(patient(SLACK_MS));
  expect((await closed).code).toBe(1001);
});

denoTest("closes the WebSockets with 1001 when it shuts down", async (deno) => {
  const { http, stop } = await serving(make((request) => deno.upgradeWebSocket(request).response));
  const socket = new WebSocket(http.url.replace("http", "ws"));
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  expect(await stop()).toBeLessThan(patient(SLACK_MS));
  expect((await closed).code).toBe(1001);
});

denoTest("speaks TLS, and on HTTP/2 says GOAWAY when it shuts down", async () => {
  const { http, stop } = await serving(make(app, { lameDuckMs: 100, serve: { cert, key } }));
  expect(http.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
  const session = connect(http.url, { rejectUnauthorized: false });
  onTestFinished(() => session.destroy());
  let goaway: number | undefined;
  session.on("goaway", (code) => goaway = code);
  session.on("error", () => {});
  const get = (path: string) =>
    new Promise<{ status: unknown; text: string }>((resolve, reject) => {
      const stream = session.request({ ":path": path });
      let status: unknown;
      let text = "";
      stream.on("response", (headers) => status = headers[":status"]);
      stream.setEncoding("utf8").on("data", (part: string) => text += part);
      stream.on("end", () => resolve({ status, text }));
      stream.on("error", reject);
    });
  expect(await get("/")).toEqual({ status: 200, text: "done /" });
  const slow = get("/slow?400");
  await seen(http, 1);
  const closed = new Promise<void>((resolve) => session.on("close", resolve));
  expect(await stop()).toBeLessThan(patient(400 + SLACK_MS));
  expect(await slow).toEqual({ status: 200, text: "done /slow" });
  await closed;
  expect(goaway).toBe(0);
});

denoTest("listens on a unix socket", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-http-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "app.sock");
  const { http, stop } = await serving(make(app, { path }));
  expect([http.url, http.port]).toEqual([`unix:${path}`, undefined]);
  const client = await connectTo({ path });
  client.get("/");
  await client.received("done /");
  await stop();
  expect((await client.ended).how).toBe("end");
  expect(existsSync(path)).toBe(false);
});

denoTest("refuses and loses no request of HTTP/2 in a lame duck, under load", async () => {
  const program = start("http2_lame_duck", { args: ["serve", "3000"], timeoutMs: 25_000 });
  const found = JSON.parse(await program.waitForLine("{"));
  expect(found).toMatchObject({ refused: 0, lost: [], code: 0 });
  expect(found.inDrain).toBeGreaterThan(50);
});
