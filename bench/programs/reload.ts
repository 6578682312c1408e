// How soon a changed file is committed, and what clients see of a hundred new certificates.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:https";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { connect } from "node:tls";
import { inline, ProcessBus } from "../../mod.ts";
import { configFile, tlsFiles } from "../../components/reload.ts";
import { LOCALHOST, OTHER } from "../../test/components/reload/_certificates.ts";
import { median } from "../_median.ts";
import { printMeasured } from "./_time.ts";

const FILES = 20;
const SWAPS = 100;
const CLIENTS = 8;

const folder = mkdtempSync(join(tmpdir(), "sitebus-bench-"));
const bus = new ProcessBus({ platform: inline() });
const path = join(folder, "config.json");
writeFileSync(path, "0");
const config = bus.use(configFile<number>(bus, path));
const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
write(LOCALHOST);
const answer = (_: unknown, response: { end(text: string): unknown }) => void response.end("Hello");
// Bun's node:https cannot be given another certificate.
const server = "Bun" in globalThis ? createSecureServer({ allowHTTP1: true }, answer) : createServer(answer);
bus.use(tlsFiles(bus, server, { cert, key, watch: false }));
await bus.start();
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

const committed = await commits();
const swapped = await swaps();
server.close();
await bus.exit();
rmSync(folder, { recursive: true });
printMeasured({ ...committed, ...swapped });
process.exit(0);

/** Milliseconds from the rename of a file until its content is in use. */
async function commits(): Promise<
  { readonly commitMs: number; readonly slowestMs: number }
> {
  const times: number[] = [];
  for (let nth = 1; nth <= FILES; nth++) {
    writeFileSync(`${path}.new`, String(nth));
    renameSync(`${path}.new`, path);
    const began = performance.now();
    while (config.value.current !== nth && performance.now() < began + 5_000) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    times.push(performance.now() - began);
  }
  return { commitMs: median(times), slowestMs: Math.max(...times) };
}

/** Changes the certificate again and again, while clients ask on connections of their own, and on kept ones. */
async function swaps(): Promise<Readonly<Record<string, number>>> {
  let failed = 0;
  let answered = 0;
  let isOver = false;
  const ask = async () => {
    while (!isOver) {
      await new Promise<void>((resolve) => {
        get({
          port,
          host: "127.0.0.1",
          rejectUnauthorized: false,
          agent: false,
        }, (response) => {
          response.resume().on("end", () => {
            answered++;
            resolve();
          });
        }).on("error", () => {
          failed++;
          resolve();
        });
      });
    }
  };
  const clients = Array.from({ length: CLIENTS }, ask);
  let old = 0;
  const times: number[] = [];
  for (let nth = 0; nth < SWAPS; nth++) {
    const [pair, name] = nth % 2 === 0 ? [OTHER, "other.localhost"] : [LOCALHOST, "localhost"];
    write(pair);
    const began = performance.now();
    await bus.reload();
    times.push(performance.now() - began);
    if (await shown(nth) !== name) old++;
  }
  isOver = true;
  await Promise.all(clients);
  return { swapMs: median(times), failed, old, answered };
}

function write(pair: typeof OTHER): void {
  writeFileSync(cert, pair.cert);
  writeFileSync(key, pair.key, { mode: 0o600 });
}

/** Whose certificate the next client sees. By another name each time, since Deno's clients remember sessions by it. */
function shown(nth: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const name = "Deno" in globalThis ? { servername: `${nth}.invalid` } : {};
    const socket = connect({
      port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      ...name,
    }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.end();
    }).on("error", reject);
  });
}
