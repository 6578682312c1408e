/**
 * The part of the NATS client that the fleet uses: a connection, and a key-value bucket of JetStream. The types are structural, so that
 * the published types need no package.
 * @module
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { textOf } from "../../src/errors.ts";

/** A connection to NATS, as `connect()` of `@nats-io/transport-node` or `wsconnect()` of `@nats-io/nats-core` returns it. */
export interface NatsConnectionLike {
  /** The server's description of itself; undefined before it has come. */
  readonly info?: { readonly max_payload: number } | undefined;
  /** Resolves when the connection is closed for good. */
  closed(): Promise<unknown>;
  /** Closes it. */
  close(): Promise<void>;
  /** The events of the connection. */
  status(): AsyncIterable<{ readonly type: string; readonly error?: unknown }>;
}

/** One revision of one key. */
export interface KvEntryLike {
  /** The key, without the name of its bucket. */
  readonly key: string;
  /** The number of the entry in its bucket. */
  readonly revision: number;
  /** When the server has stored it. */
  readonly created: Date;
  /** Whether it was written or deleted. */
  readonly operation: "PUT" | "DEL" | "PURGE";
  /** Its value as text. */
  string(): string;
}

/** The entries of a watch, or of a history. */
export interface KvEntriesLike extends AsyncIterable<KvEntryLike> {
  /** Ends them. */
  stop(): void;
}

/** A key-value bucket. */
export interface KvLike {
  /** Reads the last revision of a key; null where there is none. */
  get(key: string): Promise<KvEntryLike | null>;
  /** Writes a key; resolves to the revision. */
  put(key: string, data: string): Promise<number>;
  /** Writes a key that is not there. */
  create(key: string, data: string): Promise<number>;
  /** Writes a key whose last revision is this one. */
  update(key: string, data: string, revision: number): Promise<number>;
  /** Deletes a key. */
  delete(key: string, options?: { readonly previousSeq: number }): Promise<void>;
  /** Tells the last revisions of the keys, or those from one on, and then each new one. */
  watch(options: { readonly key: string; readonly resumeFromRevision?: number }): Promise<KvEntriesLike>;
  /** Describes the bucket. */
  status(): Promise<{
    /** Milliseconds until an entry expires; 0 where none does. */
    readonly ttl: number;
    /** The stream below the bucket. */
    readonly streamInfo: { readonly state: { readonly messages: number; readonly last_seq: number } };
  }>;
}

/** Opens and makes buckets, as `new Kvm(connection)` of `@nats-io/kv` does. */
export interface KvmLike {
  /** Opens a bucket, which need not be there. */
  open(name: string): Promise<KvLike>;
  /** Makes a bucket, or opens the one that is there. */
  create(
    name: string,
    options: { readonly history?: number; readonly ttl?: number; readonly description?: string },
  ): Promise<KvLike>;
}

/** Makes a `Kvm` of a connection. */
export type MakeKvm = (connection: NatsConnectionLike) => KvmLike;

const PACKAGE = "@nats-io/kv";

/**
 * Loads the client of the key-value buckets, from where this module is installed; else from the working directory.
 * @throws {Error} Where the package is not installed.
 */
export function loadKvm(action: string): MakeKvm {
  const { url } = import.meta;
  try {
    // Not by an import: where no fleet is used, nothing has to find the package.
    const fromHere = createRequire(url.startsWith("file:") ? url : join(process.cwd(), "package.json"));
    const { Kvm } = fromHere(PACKAGE) as { readonly Kvm: new (connection: unknown) => KvmLike };
    return (connection) => new Kvm(connection);
  } catch (cause) {
    throw new Error(
      `${action}: the package "${PACKAGE}" cannot be loaded (${textOf(cause)}); ` +
        "npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv",
      { cause },
    );
  }
}
