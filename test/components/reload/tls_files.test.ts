import { mkdirSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer, get } from "node:https";
import { join } from "node:path";
import { createServer } from "node:tls";
import { expect, test, vi } from "vitest";
import { tlsFiles, type TlsFilesOptions, type TlsServerLike } from "../../../components/reload.ts";
import { runtime } from "../../spawn.ts";
import { newBus, newFolder, wait } from "./_bus.ts";
import {
  ENCRYPTED_KEY,
  EXPIRED,
  FUTURE,
  LOCALHOST,
  OTHER,
  OTHER_ENCRYPTED,
  OTHER_KEY,
} from "./_certificates.ts";
import { echo, KINDS, listen, open, PairFiles, shown } from "./_tls.ts";

const QUICK = { timeout: 3_000, interval: 10 };

/** A server of the kind, which listens and has the certificate of files. */
async function newServer(kind = "node:tls", options: Partial<TlsFilesOptions> = {}) {
  const files = new PairFiles();
  const server = KINDS[kind]!({});
  const { bus, log, said } = newBus();
  const tls = bus.use(tlsFiles(bus, server, { cert: files.cert, key: files.key, ...options }));
  await bus.start();
  return { files, server, bus, log, said, tls, port: await listen(server) };
}

test.each(Object.keys(KINDS))(
  "%s: a reload gives the new certificate to the first handshake after it",
  async (kind) => {
    const { files, bus, port, tls } = await newServer(kind, { watch: false });
    expect(await shown(port)).toBe("localhost");
    for (
      const [pair, name] of [[OTHER, "other.localhost"], [LOCALHOST, "localhost"], [
        OTHER,
        "other.localhost",
      ]] as const
    ) {
      files.write(pair);
      await bus.reload();
      expect([await shown(port), await shown(port)]).toEqual([name, name]);
      expect(tls.value.current.subject).toBe(`CN=${name}`);
    }
  },
);

test.each(Object.keys(KINDS))("%s: a change of the files is enough", async (kind) => {
  const { files, port, tls } = await newServer(kind);
  files.write(OTHER);
  await vi.waitFor(() => expect(tls.value.current.subject).toBe("CN=other.localhost"), QUICK);
  expect(await shown(port)).toBe("other.localhost");
});

test("a connection that is open goes on", async () => {
  const { files, bus, port } = await newServer();
  const socket = await open(port);
  expect(await echo(socket, "one")).toBe("one");
  files.write(OTHER);
  await bus.reload();
  expect(await shown(port)).toBe("other.localhost");
  expect(await echo(socket, "two")).toBe("two");
});

test("what is in use is told", async () => {
  const { tls } = await newServer();
  expect(tls.value.current).toMatchObject({
    subject: "CN=localhost",
    validTo: Date.parse("2126-10-27T19:58:45Z"),
  });
  expect(tls.value.current.fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});

const BAD_PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const BAD_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

test.each([
  [
    "a key of another certificate",
    { cert: OTHER.cert, key: OTHER_KEY },
    /certificate ".*": ".*key\.pem" is the key of another one$/,
  ],
  ["an expired certificate", EXPIRED, /certificate ".*": it has expired on Jan {1,2}1 00:00:00 2021 GMT$/],
  [
    "a certificate of the future",
    FUTURE,
    /certificate ".*": it is not valid before Jan {1,2}1 00:00:00 2099 GMT$/,
  ],
  [
    "an encrypted key",
    { key: ENCRYPTED_KEY },
    /key ".*": it is encrypted, and no passphrase was given$/,
  ],
  ["a certificate that does not parse", { cert: BAD_PEM }, /certificate ".*": it does not parse: /],
  ["a key that does not parse", { key: BAD_KEY }, /key ".*": it does not parse: /],
  ["an empty certificate", { cert: "" }, /certificate ".*": it has no certificate in PEM$/],
  ["an empty key", { key: "" }, /key ".*": it has no key in PEM$/],
  [
    "the two in each other's place",
    { cert: LOCALHOST.key, key: LOCALHOST.cert },
    /has no certificate in PEM$/,
  ],
])("%s is a veto, and clients are served with the last certificate", async (_, pair, message) => {
  const { files, bus, port, tls } = await newServer("node:tls", { watch: false });
  files.write(pair);
  await expect(bus.reload()).rejects.toThrow(message);
  expect([await shown(port), await shown(port)]).toEqual(["localhost", "localhost"]);
  expect(tls.value.current.subject).toBe("CN=localhost");
  files.write(OTHER);
  await bus.reload();
  expect(await shown(port)).toBe("other.localhost");
});

test("a file that is gone, or is a folder, is a veto", async () => {
  const { files, bus, port } = await newServer("node:tls", { watch: false });
  rmSync(files.cert);
  await expect(bus.reload()).rejects.toThrow(
    `Cannot use the certificate "${files.cert}": there is no such file`,
  );
  mkdirSync(files.cert);
  await expect(bus.reload()).rejects.toThrow("it is a folder");
  expect(await shown(port)).toBe("localhost");
});

test("a reload that somebody vetoes after the certificate was prepared leaves the last one", async () => {
  const { files, bus, port } = await newServer("node:tls", { watch: false });
  const prepared = vi.fn(() => {
    throw new Error("not now");
  });
  bus.subscribe("reload", prepared);
  files.write(OTHER);
  await expect(bus.reload()).rejects.toThrow("not now");
  expect(prepared).toHaveBeenCalledTimes(1);
  expect([await shown(port), await shown(port)]).toEqual(["localhost", "localhost"]);
  bus.unsubscribe("reload", prepared);
  await bus.reload();
  expect(await shown(port)).toBe("other.localhost");
});

test("a change of one of the two files waits for the other", async () => {
  const { files, port, tls } = await newServer();
  files.write({ cert: OTHER.cert });
  await wait(120);
  expect(await shown(port)).toBe("localhost");
  files.write({ key: OTHER.key });
  await vi.waitFor(() => expect(tls.value.current.subject).toBe("CN=other.localhost"), QUICK);
});

test("a key that everybody may read is said once", async (context) => {
  if (process.platform === "win32") context.skip("Windows has no such bits");
  const { files, bus, said } = await newServer("node:tls", { watch: false });
  expect(said("warn")).toEqual([]);
  files.write(OTHER, 0o644);
  await bus.reload();
  files.write(LOCALHOST, 0o644);
  await bus.reload();
  expect(said("warn")).toEqual([`The key "${files.key}" may be read by everybody on this machine`]);
});

test("an encrypted key is used with its passphrase", async () => {
  const { files, bus, port } = await newServer("node:tls", { watch: false, passphrase: "secret" });
  files.write({ cert: OTHER.cert, key: OTHER_ENCRYPTED });
  await bus.reload();
  expect(await shown(port)).toBe("other.localhost");
});

test("an encrypted key is refused with another passphrase", async () => {
  const { files, bus, port } = await newServer("node:tls", { watch: false, passphrase: "wrong" });
  files.write({ cert: OTHER.cert, key: OTHER_ENCRYPTED });
  await expect(bus.reload()).rejects.toThrow(/key ".*": it does not parse/);
  expect(await shown(port)).toBe("localhost");
});

test("a server starts with an expired certificate, which is said, and takes a good one", async () => {
  const files = new PairFiles();
  files.write(EXPIRED);
  const server = createServer();
  const { bus, said } = newBus();
  bus.use(tlsFiles(bus, server, { cert: files.cert, key: files.key, watch: false }));
  await bus.start();
  expect(said("warn").join()).toMatch(/^The certificate ".*" is used, although it has expired on Jan/);
  const port = await listen(server);
  files.write(OTHER);
  await bus.reload();
  expect(await shown(port)).toBe("other.localhost");
});

test("files that cannot be used fail the start", async () => {
  const files = new PairFiles();
  files.write({ key: OTHER_KEY });
  const { bus } = newBus();
  bus.use(tlsFiles(bus, createServer(), { cert: files.cert, key: files.key }));
  await expect(bus.start()).rejects.toThrow("is the key of another one");
});

test("what the server was made with besides its certificate stays", async () => {
  const files = new PairFiles();
  const own = { ca: [LOCALHOST.cert], minVersion: "TLSv1.3" };
  const server = createServer({ ...LOCALHOST, ...own, requestCert: true } as object, (socket) => {
    socket.on("error", () => {});
    socket.end(String(socket.authorized));
  });
  server.on("tlsClientError", () => {});
  const { bus } = newBus();
  // Deno does not tell what a server was made with.
  const context = runtime === "deno" ? { context: own } : {};
  bus.use(tlsFiles(bus, server, { cert: files.cert, key: files.key, watch: false, ...context }));
  await bus.start();
  const port = await listen(server);
  files.write(OTHER);
  await bus.reload();
  const socket = await open(port, LOCALHOST);
  const authorized = await new Promise((resolve) => socket.once("data", (data) => resolve(String(data))));
  expect([socket.getPeerCertificate().subject.CN, authorized]).toEqual(["other.localhost", "true"]);
  await expect(open(port, { ...LOCALHOST, maxVersion: "TLSv1.2" })).rejects.toThrow();
});

test("a server that does not listen yet has the certificate when it does", async () => {
  const { files, bus, server } = await newServer("node:tls", { watch: false });
  await new Promise((resolve) => server.close(resolve));
  files.write(OTHER);
  await bus.reload();
  expect(await shown(await listen(server))).toBe("other.localhost");
});

test("a server on a unix socket shows its certificate there", async (context) => {
  if (process.platform === "win32") context.skip("It has named pipes instead");
  const files = new PairFiles();
  const server = createServer();
  const { bus, tls } = newBusOf(server, files);
  await bus.start();
  const path = join(newFolder(), "tls.sock");
  await listen(server, path);
  files.write(OTHER);
  await bus.reload();
  expect(tls.value.current.subject).toBe("CN=other.localhost");
  expect(await shown(0, { path })).toBe("other.localhost");
});

function newBusOf(server: TlsServerLike, files: PairFiles) {
  const { bus } = newBus();
  return { bus, tls: bus.use(tlsFiles(bus, server, { cert: files.cert, key: files.key, watch: false })) };
}

test("a server that keeps its certificate is no success", async () => {
  const files = new PairFiles();
  const server = createServer(LOCALHOST);
  await listen(server);
  const deaf = { setSecureContext() {}, address: () => server.address() as never };
  const { bus, said } = newBus();
  bus.use(tlsFiles(bus, deaf, { cert: files.cert, key: files.key, watch: false }));
  await bus.start();
  files.write(OTHER);
  await bus.reload().catch(() => {});
  expect(said("error").join()).toContain(
    'The server still shows another certificate than "CN=other.localhost"',
  );
});

test("20 changes under load fail no request", { timeout: 40_000 }, async () => {
  const kind = runtime === "bun" ? "node:tls before node:http" : "node:https";
  const { files, bus, port } = await newServer(kind, { watch: false });
  const failures: unknown[] = [];
  let answered = 0;
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      await new Promise<void>((resolve) => {
        const request = get(
          { port, host: "127.0.0.1", rejectUnauthorized: false, agent: false },
          (response) => {
            response.resume().on("end", () => {
              answered++;
              resolve();
            });
          },
        );
        request.on("error", (error) => {
          failures.push(error);
          resolve();
        });
      });
    }
  };
  const clients = Array.from({ length: 2 }, client);
  for (let nth = 0; nth < 20; nth++) {
    files.write(nth % 2 === 0 ? OTHER : LOCALHOST);
    await bus.reload();
    expect(await shown(port)).toBe(nth % 2 === 0 ? "other.localhost" : "localhost");
  }
  isOver = true;
  await Promise.all(clients);
  expect([failures, answered > 20]).toEqual([[], true]);
});

const INSTEAD = "use createSecureServer({ allowHTTP1: true }) of node:http2";

test("Bun's servers that keep their certificate are refused, with what can be done", async (context) => {
  if (runtime !== "bun") context.skip("It is for Bun");
  const { Bun } = globalThis as unknown as { Bun: { serve(options: object): { stop(): unknown } } };
  const served = Bun.serve({ port: 0, fetch: () => new Response("ok"), tls: LOCALHOST });
  for (const server of [Bun.serve, served]) {
    expect(() => tlsFiles(newBus().bus, server as never, new PairFiles())).toThrow(
      `Cannot use the certificate files: Bun.serve keeps its certificate, ${INSTEAD}`,
    );
  }
  await served.stop();
  expect(() => tlsFiles(newBus().bus, createHttpsServer(LOCALHOST) as never, new PairFiles())).toThrow(
    `Cannot use the certificate files: Bun's server of node:https keeps its certificate, ${INSTEAD}`,
  );
});

test("Deno's server that keeps its certificate is refused, with what can be done", async (context) => {
  if (runtime !== "deno") context.skip("It is for Deno");
  const { Deno } = globalThis as unknown as {
    Deno: { serve(options: object): { shutdown(): Promise<void> } };
  };
  const served = Deno.serve({ port: 0, handler: () => new Response("ok"), onListen() {}, ...LOCALHOST });
  for (const server of [Deno.serve, served]) {
    expect(() => tlsFiles(newBus().bus, server as never, new PairFiles())).toThrow(
      "Cannot use the certificate files: Deno.serve keeps its certificate, use a server of node:https",
    );
  }
  await served.shutdown();
});

test("a server that speaks no TLS is refused", () => {
  const expected = runtime === "bun"
    ? "Bun's server of node:https keeps its certificate"
    : "the server is an object, expected one of node:tls, node:https or node:http2 that speaks TLS";
  expect(() => tlsFiles(newBus().bus, createHttpServer() as never, new PairFiles())).toThrow(expected);
});

test.each([
  [undefined, {}, "the server is undefined, expected one of node:tls"],
  [createServer(), undefined, "the options are undefined, expected an object"],
  [createServer(), { key: "key.pem" }, '"cert" is undefined, expected a path or a file URL'],
  [createServer(), { cert: "cert.pem", key: "" }, '"key" is "", expected a path or a file URL'],
  [createServer(), { cert: "c", key: "k", passphrase: 7 }, '"passphrase" is an object, expected a string'],
  [createServer(), { cert: "c", key: "k", context: 7 }, '"context" is 7, expected an object'],
  [createServer(), { cert: "c", key: "k", watch: 7 }, '"watch" is 7, expected true or false'],
  [createServer(), { cert: "c", key: "k", pollMs: -7 }, '"pollMs" is -7, expected milliseconds'],
  [createServer(), { cert: "c", key: "k", ca: "x" }, 'unknown option "ca"'],
])("bad input is refused by name: %#", (server, options, message) => {
  expect(() => tlsFiles(newBus().bus, server as never, options as never)).toThrow(
    `Cannot use the certificate files: ${message}`,
  );
});
