/**
 * The certificate of a server, read again when its files change.
 * @module
 */
import type { UrlLike } from "../../src/internal.ts";
import { checkKeys, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { textOf } from "../../src/errors.ts";
import type { Phase, Prepared, Reload } from "../../src/phase.ts";
import { type Hashes, hashOf, type Read } from "./contents.ts";
import {
  checkKeyPair,
  datesProblem,
  isReadByAll,
  type KeyPair,
  type KeyPairFiles,
  type KeyPairText,
  readKeyPair,
} from "./key_pair.ts";
import { pathOf } from "./read_text.ts";
import { checkReloadable, type ReloadableBus, ReloadBy } from "./reloadable_bus.ts";
import { checkTlsServer, contextOf, prove, type TlsServerLike } from "./tls_server.ts";
import { checkPollMs, watchFiles } from "./watch_files.ts";

/** Where a certificate comes from. */
export interface TlsFilesOptions {
  /** The file of the certificate in PEM, with those between it and its root. */
  readonly cert: string | UrlLike;
  /** The file of its key in PEM. */
  readonly key: string | UrlLike;
  /** The passphrase of the key. Default: the key is not encrypted. */
  readonly passphrase?: string;
  /**
   * What the server was made with besides certificate and key: `ca`, `ciphers`, `minVersion` and so on. Default: what it
   * tells itself; on Deno it does not, so that they have to be given here, else they are lost with the first change.
   */
  readonly context?: Readonly<Record<string, unknown>>;
  /** The component's name. Default "tls". */
  readonly name?: string;
  /** Whether a change of the files reloads the bus. Default true. */
  readonly watch?: boolean;
  /** Milliseconds after which the files are looked at in any case, for disks that tell of no changes. Default 60 000. */
  readonly pollMs?: number;
}

/** A certificate in use. */
export interface TlsCertificate {
  /** Whose it is, as `CN=localhost`. */
  readonly subject: string;
  /** Its SHA-256 fingerprint, as `AB:CD:…`. */
  readonly fingerprint256: string;
  /** When it begins to hold, in milliseconds since 1970. */
  readonly validFrom: number;
  /** When it expires, in milliseconds since 1970. */
  readonly validTo: number;
}

/** The value of the component. */
export interface TlsFiles {
  /** The certificate that handshakes show. */
  readonly current: TlsCertificate;
}

const ACTION = "Cannot use the certificate files";
const OPTIONS = ["cert", "key", "passphrase", "context", "name", "watch", "pollMs"];

class TlsComponent implements Component<TlsFiles> {
  readonly name: string;
  readonly #reloadBy: ReloadBy;
  readonly #server: TlsServerLike;
  readonly #files: KeyPairFiles;
  readonly #options: TlsFilesOptions;
  /** The key pair in use, and the one that the bus was last reloaded for, which may have been refused. */
  #used: KeyPairText | undefined;
  #seen: KeyPairText | undefined;
  #value: { current: TlsCertificate } | undefined;
  #log!: Phase["log"];
  #isWarned = false;
  #unwatch: (() => void) | undefined;

  constructor(bus: ReloadableBus, server: TlsServerLike, options: TlsFilesOptions) {
    const { cert, key, passphrase, name = "tls" } = options;
    this.#reloadBy = new ReloadBy(bus, () => void this.#lookAgain());
    this.#server = server;
    this.#options = options;
    this.#files = { cert: pathOf(ACTION, '"cert"', cert), key: pathOf(ACTION, '"key"', key), passphrase };
    this.name = name;
  }

  async start({ log }: Phase): Promise<TlsFiles> {
    const { watch = true, pollMs = 60_000 } = this.#options;
    const { cert, key } = this.#files;
    this.#log = log;
    const text = await readKeyPair(this.#files);
    const pair = checkKeyPair(text, this.#files);
    // A server with a bad date is better than none; a change to one is not.
    const problem = datesProblem(pair.certificate);
    if (problem) {
      log(`The certificate "${cert}" is used, although ${problem}`, { level: "warn", event: "tls" });
    }
    await this.#warnOfMode();
    const value = this.#value = { current: certificateOf(pair) };
    await this.#use(pair, contextOf(this.#server, pair, this.#context));
    this.#used = this.#seen = text;
    if (watch) {
      this.#unwatch = watchFiles([cert, key], {
        pollMs,
        changed: () => void this.#look(),
        failed: (message, error) => log(message, { level: "warn", event: "file", file: cert, error }),
      });
    }
    return value;
  }

  async reload(_: TlsFiles, reload: Reload): Promise<Prepared | void> {
    const { cert, key } = this.#files;
    const { content: text, hashes } = await this.#reloadBy.read(
      reload,
      [cert, key],
      () => this.#readHashed(),
    );
    this.#seen = text;
    if (isSame(text, this.#used)) return;
    const pair = checkKeyPair(text, this.#files);
    const problem = datesProblem(pair.certificate);
    if (problem) throw new Error(`Cannot use the certificate "${this.#files.cert}": ${problem}`);
    const options = contextOf(this.#server, pair, this.#context);
    await this.#warnOfMode();
    return {
      commit: async () => {
        await this.#use(pair, options);
        this.#used = text;
        this.#value!.current = certificateOf(pair);
        this.#reloadBy.committed(hashes);
      },
    };
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#reloadBy.end();
  }

  get #context(): object {
    return this.#options.context ?? {};
  }

  /** Gives the certificate to the server, and waits until a handshake shows it. */
  async #use(pair: KeyPair, options: object): Promise<void> {
    this.#server.setSecureContext(options);
    await prove(this.#server, pair);
  }

  /** Says once that others can read the key. */
  async #warnOfMode(): Promise<void> {
    const { key } = this.#files;
    if (this.#isWarned || !await isReadByAll(key)) return;
    this.#isWarned = true;
    this.#log(`The key "${key}" may be read by everybody on this machine`, {
      level: "warn",
      event: "tls",
      file: key,
    });
  }

  /** The files may have changed. */
  async #look(): Promise<void> {
    let text: KeyPairText;
    try {
      text = await readKeyPair(this.#files);
    } catch (error) {
      // Whoever replaces a file may remove it first; a reload that somebody asks for says so.
      this.#log(`${textOf(error)}, the last certificate stays`, {
        level: "debug",
        event: "file",
        file: this.#files.cert,
        error,
      });
      return;
    }
    if (!this.#unwatch || isSame(text, this.#seen)) return;
    this.#seen = text;
    this.#reloadBy.ask(this.#log, {
      hashes: this.#hashesOf(text),
      file: this.#files.cert,
      what: "or its key has changed",
    });
  }

  /** The files that were seen were not taken, since the units did not agree on them. */
  #lookAgain(): Promise<void> {
    this.#seen = this.#used;
    return this.#look();
  }

  async #readHashed(): Promise<Read<KeyPairText>> {
    const content = await readKeyPair(this.#files);
    return { content, hashes: this.#hashesOf(content) };
  }

  #hashesOf({ cert, key }: KeyPairText): Hashes {
    return { [this.#files.cert]: hashOf(cert), [this.#files.key]: hashOf(key) };
  }
}

/**
 * Makes a component of the files of a server's certificate: with each reload of the bus they are read again, and when they
 * change, the bus is reloaded. New connections get the new certificate from then on, those that are open go on, and
 * nothing is restarted.
 *
 * Before a change the files are checked: certificate and key parse and belong together, and the certificate holds today;
 * what does not is a veto, and the last certificate stays. After it, a handshake of the component's own shows that the
 * server has it: when `reload()` has resolved, no handshake shows the one before.
 *
 * It takes servers of `node:tls`, `node:https` and `node:http2`; on Bun no server of `node:https`, and neither `Bun.serve`
 * nor `Deno.serve`, whose certificate cannot be changed. Log records have the `event` "tls" or "file".
 *
 * @throws {TypeError} If the certificate of the server cannot be changed, saying what can; if an option is none.
 * @throws {RangeError} If a time is no number of milliseconds.
 *
 * @example
 * ```ts ignore
 * const server = createServer((request, response) => response.end("Hello")); // of node:https, without a certificate
 * bus.use(tlsFiles(bus, server, { cert: "cert.pem", key: "key.pem" }));
 * bus.use(httpServer(server, { port: 8443 }));
 * ```
 */
export function tlsFiles(
  bus: ReloadableBus,
  server: TlsServerLike,
  options: TlsFilesOptions,
): Component<TlsFiles> {
  checkReloadable(ACTION, bus);
  checkTlsServer(ACTION, server);
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${ACTION}: the options are ${show(options)}, expected an object`);
  }
  checkKeys(ACTION, options, OPTIONS);
  const { passphrase, context, name, watch = true, pollMs } = options;
  if (name !== undefined) checkName(ACTION, name);
  if (passphrase !== undefined && typeof passphrase !== "string") {
    throw new TypeError(`${ACTION}: "passphrase" is ${show(Object(passphrase))}, expected a string`);
  }
  if (context !== undefined && (typeof context !== "object" || context === null)) {
    throw new TypeError(`${ACTION}: "context" is ${show(context)}, expected an object`);
  }
  if (typeof watch !== "boolean") {
    throw new TypeError(`${ACTION}: "watch" is ${show(watch)}, expected true or false`);
  }
  checkPollMs(ACTION, pollMs);
  return new TlsComponent(bus, server, options);
}

function certificateOf({ certificate }: KeyPair): TlsCertificate {
  const { subject, fingerprint256, validFrom, validTo } = certificate;
  return { subject, fingerprint256, validFrom: Date.parse(validFrom), validTo: Date.parse(validTo) };
}

function isSame(one: KeyPairText, other: KeyPairText | undefined): boolean {
  return one.cert === other?.cert && one.key === other.key;
}
