/**
 * The members of `node:http` that are used here, as Node, Deno and Bun have it.
 * @module
 */

/** The members of a connection that are used here. */
export interface ConnectionLike {
  /** Cuts it. */
  destroy(): unknown;
  /** Lets the process end while it is open. */
  unref?(): unknown;
  /** Calls `listener` when it is gone. */
  once(name: "close", listener: () => void): unknown;
}

/** The members of a request that are used here. */
export interface AskLike {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly socket: ConnectionLike;
  on(name: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(name: "end" | "close" | "error", listener: () => void): unknown;
  /** Has the rest of its body read, and thrown away. */
  resume(): unknown;
}

/** The members of an answer that are used here. */
export interface ReplyLike {
  /** How many bytes wait in the process until the client reads them. */
  readonly writableLength: number;
  readonly headersSent: boolean;
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  write(text: string): boolean;
  end(text?: string): unknown;
  destroy(): unknown;
  on(name: "close" | "error" | "finish", listener: () => void): unknown;
}

/** The first value of a header. */
export function headerOf({ headers }: AskLike, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
}
