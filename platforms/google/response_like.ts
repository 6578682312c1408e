/**
 * The members of the response of an HTTP function, a response of Express, that are used here.
 * @module
 */

/** An `express.Response`, or any other `http.ServerResponse`. */
export interface ResponseLike {
  /** The status code. */
  statusCode: number;
  /** Whether the status and the headers were sent. */
  readonly headersSent: boolean;
  /** Whether the whole response was handed to the operating system. */
  readonly writableFinished: boolean;
  /** Whether the connection is gone. */
  readonly destroyed: boolean;
  /** Sets a header. */
  setHeader(name: string, value: string): unknown;
  /** Sends the text, and ends the response. */
  end(text: string): unknown;
  /** Calls `listener` once the response was sent, or the connection is gone. */
  once(name: "close", listener: () => void): unknown;
}

/** Resolves once the response was sent, or the connection is gone. */
export function closed(response: ResponseLike): Promise<void> {
  return new Promise((resolve) => {
    if (response.writableFinished || response.destroyed) resolve();
    else response.once("close", resolve);
  });
}
