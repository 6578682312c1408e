/**
 * A certificate and its key, held against each other before any server gets them: the runtimes would say so late, each in
 * words of its own, and Deno not at all.
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { stat } from "node:fs/promises";
import process from "node:process";
import { textOf } from "../../src/errors.ts";
import { readText } from "./read_text.ts";

/** Where a certificate and its key are. */
export interface KeyPairFiles {
  /** The certificate in PEM, with those between it and its root, if there are any. */
  readonly cert: string;
  /** Its key in PEM. */
  readonly key: string;
  /** The passphrase of the key, if it is encrypted. */
  readonly passphrase?: string | undefined;
}

/** The key pair that was read. */
export interface KeyPairText {
  readonly cert: string;
  readonly key: string;
}

/** A certificate and its key that belong together; the key is not encrypted any more. */
export interface KeyPair extends KeyPairText {
  readonly certificate: X509Certificate;
}

/** Reads both files. @throws {Error} If one cannot be read, naming it. */
export async function readKeyPair({ cert, key }: KeyPairFiles): Promise<KeyPairText> {
  return {
    cert: await readText(`Cannot use the certificate "${cert}"`, cert),
    key: await readText(`Cannot use the key "${key}"`, key),
  };
}

/** Checks what was read. @throws {Error} If it is no certificate, no key, or they do not belong together. */
export function checkKeyPair(text: KeyPairText, files: KeyPairFiles): KeyPair {
  const aboutCert = `Cannot use the certificate "${files.cert}"`;
  const aboutKey = `Cannot use the key "${files.key}"`;
  const cert = pemOf(
    text.cert,
    /-----BEGIN [A-Z ]*CERTIFICATE-----/,
    `${aboutCert}: it has no certificate in PEM`,
  );
  const pem = pemOf(text.key, /-----BEGIN [A-Z ]*PRIVATE KEY-----/, `${aboutKey}: it has no key in PEM`);
  const certificate = parse(aboutCert, () => new X509Certificate(cert));
  const { passphrase } = files;
  const isEncrypted = /ENCRYPTED/.test(pem);
  // Before it is parsed: OpenSSL would ask the terminal.
  if (isEncrypted && passphrase === undefined) {
    throw new Error(`${aboutKey}: it is encrypted, and no passphrase was given`);
  }
  const secret = parse(
    aboutKey,
    () => createPrivateKey(isEncrypted ? { key: pem, passphrase: passphrase! } : pem),
  );
  if (!certificate.checkPrivateKey(secret)) {
    throw new Error(`${aboutCert}: "${files.key}" is the key of another one`);
  }
  // Not every runtime takes an encrypted key for a server.
  const key = isEncrypted ? String(secret.export({ type: "pkcs8", format: "pem" })) : pem;
  return { cert, key, certificate };
}

/** Why a certificate does not hold now, by its dates; undefined where it does. */
export function datesProblem(
  { validFrom, validTo }: X509Certificate,
  now: number = Date.now(),
): string | undefined {
  if (Date.parse(validTo) < now) return `it has expired on ${validTo}`;
  return Date.parse(validFrom) > now ? `it is not valid before ${validFrom}` : undefined;
}

/** Whether everybody on the machine may read a file; false where the operating system has no such bits. */
export async function isReadByAll(path: string): Promise<boolean> {
  return process.platform !== "win32" && ((await stat(path)).mode & 0o004) !== 0;
}

/** Tools write what is in it in plain words before it. */
function pemOf(text: string, label: RegExp, message: string): string {
  const begin = text.search(label);
  if (begin === -1) throw new Error(message);
  return text.slice(begin);
}

function parse<T>(about: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Error(`${about}: it does not parse: ${textOf(cause)}`, { cause });
  }
}
