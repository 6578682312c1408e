// A certificate that is uploaded while the server runs, and shown to the next client without a restart. Run
// `TOKEN=secret node examples/upload_certificate.ts cert.pem key.pem`, and upload another one:
// `cat new.pem new.key | curl -k -T - -H "Authorization: Bearer secret" https://127.0.0.1:8443/certificate`.
import { timingSafeEqual } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import process from "node:process";
import { text } from "node:stream/consumers";
import { ProcessBus } from "sitebus";
import { httpServer } from "sitebus/http";
import { native } from "sitebus/native";
import { tlsFiles } from "sitebus/reload";

const [cert = "cert.pem", key = "key.pem", port = "8443"] = process.argv.slice(2);
const token = process.env["TOKEN"];
if (!token) throw new Error('Set the variable "TOKEN": who knows it may upload a certificate');

const bus = new ProcessBus({ platform: native() });

async function app(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "PUT" || request.url !== "/certificate") return void response.end("Hello\n");
  if (!mayUpload(request.headers.authorization)) return void response.writeHead(401).end("Unauthorized\n");
  const answer = await upload(await text(request)).then(() => [200, "in use\n"] as const, refusal);
  response.writeHead(answer[0]).end(answer[1]);
}

/** Takes the new certificate, where the bus can use it; else the files are what they were. */
async function upload(pem: string): Promise<void> {
  const before = await Promise.all([cert, key].map((path) => readFile(path, "utf8")));
  const begin = pem.search(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  await write([pem.slice(0, begin), pem.slice(begin)]);
  try {
    await bus.reload();
  } catch (error) {
    await write(before);
    throw error;
  }
}

async function write(contents: readonly string[]): Promise<void> {
  for (const [index, path] of [cert, key].entries()) {
    // A file that is written in place could be read half done.
    await writeFile(`${path}.new`, contents[index]!, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}

function refusal(error: Error): readonly [number, string] {
  return [422, `${error.message}\n`];
}

function mayUpload(header = ""): boolean {
  const [given, expected] = [header, `Bearer ${token}`].map((text) => new TextEncoder().encode(text));
  return given!.length === expected!.length && timingSafeEqual(given!, expected!);
}

// Bun's node:https cannot be given another certificate; its node:http2 can, and speaks HTTP/1.1 as well.
const server = "Bun" in globalThis
  ? createSecureServer({ allowHTTP1: true }, app as never)
  : createHttpsServer(app);
const tls = bus.use(tlsFiles(bus, server, { cert, key, watch: false }));
const http = bus.use(httpServer(server, { port: Number(port) }));
bus.subscribe(
  "run",
  () => console.log(`${http.value.url} with the certificate of ${tls.value.current.subject}`),
);
bus.subscribe("reload", ({ generation }) => ({
  commit: () => console.log(`generation ${generation}: ${tls.value.current.subject}`),
}));
await bus.run();
