/**
 * What is used of the response of an HTTP function, which is Express's.
 * @module
 */

/** An `express.Response`, or any other `http.ServerResponse`. */
export interface ResponseLike {
  /** The status it is sent with. */
  statusCode: number;
  /** Whether its head was sent. */
  readonly headersSent: boolean;
  /** Whether all of it was handed to the operating system. */
  readonly writableFinished: boolean;
  /** Whether its connection has gone. */
  readonly destroyed: boolean;
  /** Sets a header. */
  setHeader(name: string, value: string): unknown;
  /** Sends the rest of it. */
  end(text: string): unknown;
  /** Is called once all was sent, or the connection has gone. */
  once(name: "close", listener: () => void): unknown;
}

/** Resolves once the response was sent, or nobody is there any more. */
export function closed(response: ResponseLike): Promise<void> {
  return new Promise((resolve) => {
    if (response.writableFinished || response.destroyed) resolve();
    else response.once("close", resolve);
  });
}
