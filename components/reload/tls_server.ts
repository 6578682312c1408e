/**
 * The server whose certificate is changed, and the proof that it was.
 * @module
 */
import { connect, createSecureContext, type SecureContextOptions } from "node:tls";
import { show } from "../../src/check.ts";
import type { KeyPair } from "./key_pair.ts";

/** The members of a server of `node:tls`, `node:https` or `node:http2` that are used here. */
export interface TlsServerLike {
  /** Gives other certificates to the handshakes to come. */
  setSecureContext(options: object): unknown;
  /** Where it listens, if it does. */
  address(): string | { readonly address: string; readonly port: number } | null;
}

/**
 * What the context of a server is made of besides certificate and key. `setSecureContext` forgets what it is not given:
 * without these, a server would drop the authority of its clients' certificates, and speak older versions of TLS.
 */
const KEPT = [
  ..."ca ciphers clientCertEngine crl dhparam ecdhCurve honorCipherOrder maxVersion minVersion".split(" "),
  ..."secureOptions secureProtocol sessionIdContext sessionTimeout sigalgs ticketKeys".split(" "),
];

/** Milliseconds that a handshake with this very process may take. */
const HANDSHAKE_MS = 3_000;

/** Refuses a server whose certificate cannot be changed, and says what can be done. @throws {TypeError} If it cannot. */
export function checkTlsServer(action: string, server: unknown): void {
  const { setSecureContext, listen, reload, finished } = Object(server) as Readonly<Record<string, unknown>>;
  if (typeof setSecureContext === "function") return;
  const { Bun, Deno } = globalThis as { Bun?: { serve: unknown }; Deno?: { serve: unknown } };
  const instead = "use createSecureServer({ allowHTTP1: true }) of node:http2";
  if (Bun && (server === Bun.serve || typeof reload === "function")) {
    throw new TypeError(`${action}: Bun.serve keeps its certificate, ${instead}`);
  }
  if (Deno && (server === Deno.serve || finished instanceof Promise)) {
    throw new TypeError(`${action}: Deno.serve keeps its certificate, use a server of node:https`);
  }
  if (Bun && typeof listen === "function") {
    throw new TypeError(`${action}: Bun's server of node:https keeps its certificate, ${instead}`);
  }
  throw new TypeError(
    `${action}: the server is ${
      show(server)
    }, expected one of node:tls, node:https or node:http2 that speaks TLS`,
  );
}

/** The options of a context with another certificate. `context` is what the server was made with, where it does not tell. */
export function contextOf(server: TlsServerLike, pair: KeyPair, context: object): SecureContextOptions {
  const own = server as unknown as Readonly<Record<string, unknown>>;
  const kept = Object.fromEntries(KEPT.filter((key) => own[key] !== undefined).map((key) => [key, own[key]]));
  const options = { ...kept, ...context, cert: pair.cert, key: pair.key };
  // A pair that no handshake could use is refused here, if the runtime looks at it.
  createSecureContext(options);
  return options;
}

/** Shakes hands with the server, if it listens. @throws {Error} If that does not show the certificate. */
export async function prove(server: TlsServerLike, { certificate }: KeyPair): Promise<void> {
  const address = server.address();
  if (address === null || await shownBy(address) === certificate.fingerprint256) return;
  throw new Error(`The server still shows another certificate than "${certificate.subject}"`);
}

/** The fingerprint of the certificate that a handshake shows. */
function shownBy(address: string | { readonly address: string; readonly port: number }): Promise<string> {
  const place = typeof address === "string" ? { path: address } : {
    port: address.port,
    host: address.address.replace(/^0\.0\.0\.0$/, "127.0.0.1").replace(/^::$/, "::1"),
  };
  // Deno's clients go on with an earlier session of the same name, and show the certificate of that.
  const servername = "Deno" in globalThis ? { servername: `${globalThis.crypto.randomUUID()}.invalid` } : {};
  return new Promise((resolve, reject) => {
    // It asks which certificate is shown, and sends nothing: so nobody has to vouch for it.
    const socket = connect({ ...place, ...servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.end();
    });
    socket.setTimeout(
      HANDSHAKE_MS,
      () => socket.destroy(new Error(`No handshake within ${HANDSHAKE_MS} ms`)),
    );
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("The server has closed the connection without a handshake")));
  });
}
