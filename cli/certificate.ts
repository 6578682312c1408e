/**
 * The certificate and key of `sitebus serve`, held against each other before anything starts: the runtimes would
 * say so late, and each in words of its own.
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { firstLine } from "../components/log/place.ts";
import { ConfigError } from "./config_error.ts";

/** A certificate and its key, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads both files.
 * @throws {ConfigError} Naming the file that is not there, cannot be read, or does not fit the other.
 */
export async function readKeyPair(files: KeyPair): Promise<KeyPair> {
  const cert = await readPem(files.cert, "certificate");
  const key = await readPem(files.key, "key");
  const certificate = parse(() => new X509Certificate(cert), files.cert, "certificate");
  // Before it is parsed: OpenSSL would ask the terminal for the pass phrase.
  if (/ENCRYPTED/.test(key)) throw new ConfigError(`Cannot use the key "${files.key}": it is encrypted`);
  const secret = parse(() => createPrivateKey(key), files.key, "key");
  if (!certificate.checkPrivateKey(secret)) {
    throw new ConfigError(`Cannot use the certificate "${files.cert}": "${files.key}" is the key of another`);
  }
  return { cert, key };
}

async function readPem(file: string, what: "certificate" | "key"): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    const { code } = Object(error) as { code?: unknown };
    const why = code === "ENOENT"
      ? "there is no such file"
      : code === "EISDIR"
      ? "it is a directory"
      : firstLine(error);
    throw new ConfigError(`Cannot use the ${what} "${file}": ${why}`, { cause: error });
  });
  const label = what === "key" ? /-----BEGIN [A-Z ]*PRIVATE KEY-----/ : /-----BEGIN [A-Z ]*CERTIFICATE-----/;
  const begin = text.search(label);
  if (begin === -1) throw new ConfigError(`Cannot use the ${what} "${file}": it has no ${what} in PEM`);
  // Tools write a description in plain words above the PEM.
  return text.slice(begin);
}

function parse<T>(make: () => T, file: string, what: string): T {
  try {
    return make();
  } catch (error) {
    throw new ConfigError(`Cannot use the ${what} "${file}": it does not parse`, { cause: error });
  }
}
