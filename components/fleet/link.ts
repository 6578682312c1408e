/**
 * The way to the server: it connects, opens the buckets, and begins again when the connection is closed for good. A lost
 * connection ends nothing else.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import { defer, type Deferred } from "../../src/internal.ts";
import type { Clock } from "../../src/platform.ts";
import { type Buckets, openBuckets } from "./buckets.ts";
import type { MakeKvm, NatsConnectionLike } from "./nats_like.ts";

/** The options of a link. */
export interface LinkOptions {
  readonly fleet: string;
  readonly connect: () => Promise<NatsConnectionLike>;
  readonly makeKvm: MakeKvm;
  readonly expireMs: number;
  readonly clock: Clock;
  /** The buckets are open: returns what ends the work with them. */
  readonly joined: (buckets: Buckets, connection: NatsConnectionLike) => Promise<() => void>;
  /** The connection has come back, and what was said meanwhile may have been missed. */
  readonly returned: () => void;
  /** Called with news for the log. */
  readonly said: (message: string, details: LinkNews) => void;
}

/** News of the link. */
export interface LinkNews {
  readonly level: "info" | "warn";
  readonly status: "joined" | "unreachable" | "lost" | "back" | "refused";
  readonly error?: unknown;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** One link. */
export class Link {
  readonly #options: LinkOptions;
  readonly #ended: Deferred<void> = defer();
  /** Resolves at the end of the first attempt to join, whatever came of it. */
  readonly tried: Promise<void>;
  readonly #tried: Deferred<void> = defer();
  #isEnded = false;
  #connection: NatsConnectionLike | undefined;
  /** The messages since it was last joined, each of which is logged once. */
  readonly #said = new Set<string>();
  readonly #refused = new Set<string>();
  #isConnected = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.tried = this.#tried.promise;
    void this.#run();
  }

  /** Whether the buckets are open, and the connection is not known to be lost. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Closes the connection; nothing begins again. */
  async close(): Promise<void> {
    this.#isEnded = true;
    this.#isConnected = false;
    this.#ended.resolve();
    await this.#connection?.close().catch(() => {});
  }

  /** Resolves after so many milliseconds, or when the link is closed. */
  async sleep(ms: number): Promise<void> {
    const over = defer<void>();
    const disarm = this.#options.clock.setTimer(ms, () => over.resolve());
    await Promise.race([over.promise, this.#ended.promise]);
    disarm();
  }

  async #run(): Promise<void> {
    let wait = FIRST_WAIT_MS;
    while (!this.#isEnded) {
      try {
        if (await this.#live()) wait = FIRST_WAIT_MS;
      } catch (error) {
        // A server that is not there may be told in many words; what is wrong with its buckets is worth a word of its own.
        this.#unreachable(error, this.#connection === undefined ? "no connection" : textOf(error));
      }
      this.#connection = undefined;
      this.#tried.resolve();
      if (this.#isEnded) return;
      await this.sleep(wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  /** One connection, from its beginning to its end. */
  async #live(): Promise<boolean> {
    const { connect, makeKvm, fleet, expireMs, joined, said } = this.#options;
    const connection = await connect();
    this.#connection = connection;
    let leave: () => void = () => {};
    try {
      if (this.#isEnded) return true;
      void this.#follow(connection);
      const opened = openBuckets(makeKvm(connection), fleet, expireMs);
      const buckets = await Promise.race([opened, gone(connection)]);
      leave = await joined(buckets, connection);
      if (this.#isEnded) return true;
      this.#isConnected = true;
      this.#said.clear();
      said(`Has joined the fleet "${fleet}"`, { level: "info", status: "joined" });
      this.#tried.resolve();
      await connection.closed();
      if (!this.#isEnded && this.#isConnected) this.#lost();
      return true;
    } finally {
      this.#isConnected = false;
      leave();
      await connection.close().catch(() => {});
    }
  }

  async #follow(connection: NatsConnectionLike): Promise<void> {
    const { said, returned, fleet } = this.#options;
    let isLost = false;
    try {
      for await (const { type, error } of connection.status()) {
        if (this.#isEnded) return;
        if (type === "disconnect" && this.#isConnected) {
          isLost = true;
          this.#lost();
        } else if (type === "reconnect" && isLost) {
          isLost = false;
          this.#isConnected = true;
          said(`Is back in the fleet "${fleet}"`, { level: "info", status: "back" });
          returned();
        } else if (type === "error") this.#sayRefused(error);
      }
    } catch {
      // The connection tells nothing more.
    }
  }

  #lost(): void {
    const { said, fleet } = this.#options;
    this.#isConnected = false;
    said(`Has lost the connection to the fleet "${fleet}", and goes on without it`, {
      level: "warn",
      status: "lost",
    });
  }

  /** A right that the server does not grant, said once each. */
  #sayRefused(error: unknown): void {
    const text = textOf(error);
    if (this.#refused.has(text)) return;
    this.#refused.add(text);
    const { said, fleet } = this.#options;
    said(`The server of the fleet "${fleet}" refuses something: ${text}`, {
      level: "warn",
      status: "refused",
      error,
    });
  }

  /** Said once, until it was joined. */
  #unreachable(error: unknown, kind: string): void {
    if (this.#isEnded || this.#said.has(kind)) return;
    this.#said.add(kind);
    const { said, fleet } = this.#options;
    said(`Cannot join the fleet "${fleet}", goes on without it and tries again: ${textOf(error)}`, {
      level: "warn",
      status: "unreachable",
      error,
    });
  }
}

/** Rejects when the connection is closed, so that nobody waits for an answer over it. */
async function gone(connection: NatsConnectionLike): Promise<never> {
  const error = await connection.closed();
  throw error instanceof Error ? error : new Error("the connection was closed");
}
